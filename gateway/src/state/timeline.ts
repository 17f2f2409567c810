/** A part of the timeline of a topic. Its ends are multiples of the step. */
export interface TimelineRange {
	readonly topic: string;
	/** The first Unix second. */
	readonly from: number;
	/** The Unix second after the last. */
	readonly to: number;
	/** The length of a step, in seconds. */
	readonly step: number;
}

/** The reactions of a step, by type: given less taken back, without zeros. `second` is the first of the step. */
export type TimelineStep = readonly [second: number, counts: Readonly<Record<string, number>>];

/** A page of a timeline. */
export interface TimelinePage {
	/** The steps with reactions, oldest first. */
	readonly steps: readonly TimelineStep[];
	/** The Unix second at which the next page begins; null at the end of the range. */
	readonly next: number | null;
	/** The newest Unix second with reactions, also beyond the range; null without reactions. */
	readonly newest: number | null;
}

/**
 * Merges the pages of one range from several stores.
 *
 * The result ends where the first page ends, and after `most` steps, so that each of its steps has all stores.
 */
export function mergeTimelines(pages: readonly TimelinePage[], most: number): TimelinePage {
	const newest = pages.reduce<number | null>(
		(max, page) => (page.newest === null ? max : Math.max(max ?? 0, page.newest)),
		null,
	);
	const ends = pages.flatMap(({ next }) => next ?? []);
	const end = Math.min(...ends);
	const byStep = new Map<number, Record<string, number>>();
	for (const { steps } of pages) {
		for (const [second, counts] of steps) {
			if (second >= end) break;
			const sums = byStep.get(second) ?? {};
			for (const [type, count] of Object.entries(counts)) sums[type] = (sums[type] ?? 0) + count;
			byStep.set(second, sums);
		}
	}
	const steps = [...byStep].sort(([a], [b]) => a - b);
	const beyond = steps[most];
	if (beyond !== undefined) return { steps: steps.slice(0, most), next: beyond[0], newest };
	return { steps, next: ends.length === 0 ? null : end, newest };
}
