import { expect, test } from 'vitest';
import type { PlantedLine } from './plant.ts';

/**
 * A mistake that a simulation has to find. `firstSeed`: few schedules find it, so the search begins where one of them was when
 * this was written; where a change of the code moves them, it goes on from there and takes longer. Default: 1.
 */
export type PlantedBug = (PlantedLine & { readonly firstSeed?: number }) | readonly PlantedLine[];

export interface Search {
	readonly bugs: Readonly<Record<string, PlantedBug>>;
	/** Builds the simulation with lines planted in it; gives back what plays the schedule of a seed. */
	readonly build: (...lines: readonly PlantedLine[]) => Promise<(seed: number) => unknown>;
	/** What a schedule that fails says. */
	readonly failure: RegExp;
	/** Within so many schedules each bug is to be found. */
	readonly schedules: number;
}

/** A test for each bug: that the simulation finds it. */
export function findsBugs({ bugs, build, failure, schedules }: Search): void {
	test.each(Object.entries(bugs))('finds that %s', { timeout: 240_000 }, async (_name, bug) => {
		const simulate = await build(...[bug].flat());
		const first = 'firstSeed' in bug ? (bug.firstSeed ?? 1) : 1;
		expect(() => {
			for (let seed = first; seed < first + schedules; seed++) simulate(seed);
		}).toThrow(failure);
	});
}

/** A test of the code as it is, with other schedules each time. */
export function holdsForNewSchedules(build: Search['build'], schedules: number): void {
	test('holds for schedules that nobody chose', { timeout: 60_000 }, async () => {
		const simulate = await build();
		const first = Math.floor(Math.random() * 1e9);
		// A failure names its seed.
		for (let seed = first; seed < first + schedules; seed++) simulate(seed);
	});
}
