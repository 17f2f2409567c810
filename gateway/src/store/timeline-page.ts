import { MAX_TIMELINE_POINTS } from '@likewire/protocol';
import type { TimelinePage, TimelineStep } from '../state/timeline.ts';

/** The most rows that a store reads for a page, unless its first step has more: 10 to 20 ms, in which no like commits. */
export const TIMELINE_ROWS = 10_000;

/** The sums of a part of a timeline in a database, as its queries return them. */
export interface TimelinePart {
	/** The reactions by step and type, oldest first. */
	readonly sums: readonly (readonly [second: number, type: string, count: number])[] | null;
	/** The second after the part; null at the end of the range. */
	readonly next: number | null;
	/** See {@link TimelinePage}. */
	readonly newest: number | null;
}

/** Returns a page of at most {@link MAX_TIMELINE_POINTS} steps. */
export function timelinePage({ sums, next, newest }: TimelinePart): TimelinePage {
	const steps: TimelineStep[] = [];
	let counts: Record<string, number> = {};
	let last: number | undefined;
	for (const [second, type, count] of sums ?? []) {
		if (second !== last) {
			if (steps.length === MAX_TIMELINE_POINTS) return { steps, next: second, newest };
			last = second;
			counts = {};
			steps.push([second, counts]);
		}
		counts[type] = count;
	}
	return { steps, next, newest };
}
