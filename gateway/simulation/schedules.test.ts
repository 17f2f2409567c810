import { expect, test } from 'vitest';
import { messageOf } from './mutants/kill-mutants.ts';
import {
	clusterWithMutants,
	presenceWithMutants,
	regionsWithMutants,
	signalsWithMutants,
} from './mutants/simulations.ts';

test.each([
	['cluster', 150, clusterWithMutants],
	['regions', 50, regionsWithMutants],
	['presence', 60, presenceWithMutants],
	['signals', 40, signalsWithMutants],
])('the simulation of %s holds in %i new schedules', { timeout: 1_200_000 }, async (_, schedules, build) => {
	const { simulate } = await build();
	const first = Math.floor(Math.random() * 1e9);
	for (let seed = first; seed < first + schedules; seed++) await simulate(seed);
});

test('a schedule gives the same violation again with the same seed', async () => {
	const { simulate, choose } = await clusterWithMutants();
	choose('counts of two hops are summed');
	const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
	const messages = async () => {
		const all: (string | undefined)[] = [];
		for (const seed of seeds) all.push(await messageOf(() => simulate(seed)));
		return all;
	};
	const first = await messages();
	expect(first.filter((message) => message !== undefined)).not.toEqual([]);
	expect(await messages()).toEqual(first);
});
