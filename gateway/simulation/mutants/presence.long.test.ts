import { describe } from 'vitest';
import { killsMutants } from './kill-mutants.ts';
import { PRESENCE } from './presence.ts';
import { presenceWithMutants } from './simulations.ts';

describe('the simulation of presence', () => killsMutants(PRESENCE, 1_000, presenceWithMutants));
