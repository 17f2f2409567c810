import { describe } from 'vitest';
import { killsMutants } from './kill-mutants.ts';
import { REGIONS } from './regions.ts';
import { regionsWithMutants } from './simulations.ts';

describe('the simulation of regions', () => killsMutants(REGIONS, 1_000, regionsWithMutants));
