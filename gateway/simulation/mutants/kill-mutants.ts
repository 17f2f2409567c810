import { expect, test } from 'vitest';
import type { Mutants } from './mutant.ts';

/** A simulation that is built with mutants. */
interface Mutated {
	choose(mutant: string | undefined): void;
	/** Plays the schedule of a seed. Throws what it finds wrong. */
	simulate(seed: number): unknown;
}

/** Each search ends after this time at the latest, in milliseconds: far more than it takes on a machine that does much else. */
const SEARCH_MS = 1_200_000;

/**
 * A test for each mutant: that within so many schedules one fails with its violation, and that the same one holds without
 * the mutant.
 */
export function killsMutants(mutants: Mutants, schedules: number, build: () => Promise<Mutated>): void {
	test.each(Object.entries(mutants))('finds that %s', { timeout: SEARCH_MS }, async (name, { violates, seed = 1 }) => {
		const { choose, simulate } = await build();
		const others = new Set<string>();
		for (let at = seed; at < seed + schedules; at++) {
			choose(name);
			const message = messageOf(() => simulate(at));
			choose(undefined);
			if (message === undefined) continue;
			if (violates.test(message)) {
				expect(
					messageOf(() => simulate(at)),
					`seed ${at} without the mutant`,
				).toBeUndefined();
				return;
			}
			others.add(message);
		}
		const seen = others.size === 0 ? '' : `; it causes ${[...others].slice(0, 3).join('\n')}`;
		expect.fail(`no schedule of ${seed} to ${seed + schedules - 1} violates ${violates}${seen}`);
	});
}

/** What a run throws; undefined when it ends well. */
export function messageOf(run: () => unknown): string | undefined {
	try {
		run();
		return undefined;
	} catch (error) {
		return String((error as Error).message);
	}
}
