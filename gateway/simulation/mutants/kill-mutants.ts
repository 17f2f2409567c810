import { expect, test } from 'vitest';
import type { Mutants } from './mutant.ts';

/** A simulation that is built with mutants. */
interface Mutated {
	choose(mutant: string | undefined): void;
	/** Runs the schedule of a seed. Rejects with the violation that it finds. */
	simulate(seed: number): Promise<unknown>;
}

/** The longest search, in milliseconds: far more than one takes on a busy machine. */
const SEARCH_MS = 1_200_000;

/**
 * Adds a test for each mutant: one of `schedules` schedules fails with the violation of the mutant,
 * and the same schedule holds without the mutant.
 */
export function killsMutants(mutants: Mutants, schedules: number, build: () => Promise<Mutated>): void {
	test.each(Object.entries(mutants))('finds that %s', { timeout: SEARCH_MS }, async (name, { violates, seed = 1 }) => {
		const { choose, simulate } = await build();
		const others = new Set<string>();
		for (let at = seed; at < seed + schedules; at++) {
			choose(name);
			const message = await messageOf(() => simulate(at));
			choose(undefined);
			if (message === undefined) continue;
			if (violates.test(message)) {
				expect(await messageOf(() => simulate(at)), `seed ${at} without the mutant`).toBeUndefined();
				return;
			}
			others.add(message);
		}
		const seen = others.size === 0 ? '' : `; it causes ${[...others].slice(0, 3).join('\n')}`;
		expect.fail(`no schedule of ${seed} to ${seed + schedules - 1} violates ${violates}${seen}`);
	});
}

/** Resolves with the message of the error of a run; undefined without one. */
export async function messageOf(run: () => Promise<unknown>): Promise<string | undefined> {
	try {
		await run();
		return undefined;
	} catch (error) {
		return String((error as Error).message);
	}
}
