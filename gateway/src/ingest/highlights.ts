import { addTotals, type Highlight, sumTotals } from '@likewire/protocol';
import type { TimelineStep } from '../state/timeline.ts';

/** The length of a highlight, in seconds: two steps. */
const WINDOW = 10;

/** The step of a timeline for {@link findHighlights}, in seconds: a highlight begins at a multiple of it. */
export const HIGHLIGHT_STEP = WINDOW / 2;

/**
 * Returns the times of 10 s with the most reactions, best first, of equal ones the earlier first.
 *
 * Each is a peak: it has more reactions than the mean of such times between the first reaction and the last, and at least
 * as many as those that overlap or touch it. No two of the result overlap or touch.
 *
 * @param steps the timeline in steps of {@link HIGHLIGHT_STEP}, oldest first.
 * @param most the most highlights.
 */
export function findHighlights(steps: readonly TimelineStep[], most: number): Highlight[] {
	const byStep = new Map(steps);
	const reactions = reactionsOfWindows(steps);
	const mean = meanOf(steps);
	const isPeak = (second: number, count: number) =>
		[-WINDOW, -HIGHLIGHT_STEP, HIGHLIGHT_STEP, WINDOW].every((by) => (reactions.get(second + by) ?? 0) <= count);
	const peaks = [...reactions]
		.filter(([second, count]) => count > mean && isPeak(second, count))
		.sort(([second, count], [other, its]) => its - count || second - other);
	const chosen: number[] = [];
	for (const [second] of peaks) {
		if (chosen.length === most) break;
		if (chosen.every((other) => Math.abs(other - second) > WINDOW)) chosen.push(second);
	}
	return chosen.map((second) => ({
		from: second * 1_000,
		to: (second + WINDOW) * 1_000,
		counts: addTotals(byStep.get(second) ?? {}, byStep.get(second + HIGHLIGHT_STEP) ?? {}),
	}));
}

/** Returns the number of reactions of each window that has any, by its first second. */
function reactionsOfWindows(steps: readonly TimelineStep[]): Map<number, number> {
	const reactions = new Map<number, number>();
	for (const [second, counts] of steps) {
		const count = sumTotals(counts);
		for (const from of [second - HIGHLIGHT_STEP, second]) reactions.set(from, (reactions.get(from) ?? 0) + count);
	}
	return reactions;
}

/** Returns the mean number of reactions in a window. A video with a single peak has quiet windows beside it. */
function meanOf(steps: readonly TimelineStep[]): number {
	const [first = 0, last = 0] = [steps[0]?.[0], steps.at(-1)?.[0]];
	const seconds = Math.max(last + HIGHLIGHT_STEP - first, 2 * WINDOW);
	return (steps.reduce((sum, [, counts]) => sum + sumTotals(counts), 0) * WINDOW) / seconds;
}
