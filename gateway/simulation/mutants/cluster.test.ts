import { describe, expect, test } from 'vitest';
import { CLUSTER } from './cluster.ts';
import { holdsForNewSchedules, killsMutants } from './kill-mutants.ts';
import { clusterWithMutants } from './simulations.ts';

describe('the simulation of a cluster', () => {
	killsMutants(CLUSTER, 3_000, clusterWithMutants);

	test('does the same again with the same seed', async () => {
		const { simulate, choose } = await clusterWithMutants();
		choose('counts of two hops are summed');
		const messageOf = (seed: number) => {
			try {
				simulate(seed);
				return undefined;
			} catch (error) {
				return (error as Error).message;
			}
		};
		const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
		const first = seeds.map(messageOf);
		expect(first.filter((message) => message !== undefined)).not.toEqual([]);
		expect(seeds.map(messageOf)).toEqual(first);
	});

	holdsForNewSchedules(150, clusterWithMutants);
});
