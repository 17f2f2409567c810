import { describe } from 'vitest';
import { holdsForNewSchedules, killsMutants } from './kill-mutants.ts';
import { REGIONS } from './regions.ts';
import { regionsWithMutants } from './simulations.ts';

describe('the simulation of regions', () => {
	killsMutants(REGIONS, 1_000, regionsWithMutants);
	holdsForNewSchedules(50, regionsWithMutants);
});
