import { addTotals, type Totals } from '@likewire/protocol';
import type { TimelineRange, TimelineStep } from '../src/state/timeline.ts';
import type { Store } from '../src/store/store.ts';
import { TOPIC } from './log-commands.ts';

/** A range that has all times. */
const ALL_TIME: TimelineRange = { topic: TOPIC, from: 0, to: Math.floor(Number.MAX_SAFE_INTEGER / 1_000), step: 1 };

/** Resolves with a timeline in seconds from its beginning, and with the number of its pages. */
export async function timelineOf(
	store: Pick<Store, 'timeline'>,
	range: Partial<TimelineRange> = {},
): Promise<{ readonly steps: readonly TimelineStep[]; readonly pages: number }> {
	const steps: TimelineStep[] = [];
	let pages = 0;
	for (let from: number | null = range.from ?? 0; from !== null; pages++) {
		const page = await store.timeline({ ...ALL_TIME, ...range, from });
		steps.push(...page.steps);
		from = page.next;
	}
	return { steps, pages };
}

/** Returns the reactions of all steps by type, without zeros. */
export function sumOfSteps(steps: readonly TimelineStep[]): Totals {
	return steps.reduce<Totals>((sum, [, counts]) => addTotals(sum, counts), {});
}
