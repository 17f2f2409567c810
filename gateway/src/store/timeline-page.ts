import { MAX_TIMELINE_POINTS } from '@likewire/protocol';
import type { TimelinePage, TimelineStep } from '../state/timeline.ts';

/** The most rows that a store reads for a page, unless its first step has more: about 10 ms of work. */
export const TIMELINE_ROWS = 20_000;

/** The sums of a part of a timeline in a database, as its queries return them. */
export interface TimelinePart {
	/** The reactions by step and type, oldest first. */
	readonly sums: readonly (readonly [second: number, type: string, count: number])[] | null;
	/** The second after the part; null at the end of the range. */
	readonly next: number | null;
}

/** Returns a page of at most {@link MAX_TIMELINE_POINTS} steps. */
export function timelinePage({ sums, next }: TimelinePart): TimelinePage {
	const steps: TimelineStep[] = [];
	let counts: Record<string, number> = {};
	let newest: number | undefined;
	for (const [second, type, count] of sums ?? []) {
		if (second !== newest) {
			if (steps.length === MAX_TIMELINE_POINTS) return { steps, next: second };
			newest = second;
			counts = {};
			steps.push([second, counts]);
		}
		counts[type] = count;
	}
	return { steps, next };
}
