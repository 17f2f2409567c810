import type { Totals } from '@likewire/protocol';
import type { TimelineStep } from '../../kinds/timeline.ts';

/** The length of a point of the timeline, in milliseconds. */
const POINT_MS = 1_000;

/** A playhead that moved further in one step did not play, in milliseconds: a timer slept. */
const LONGEST_STEP_MS = 3_000;

/** The reactions of a recording, by the time of its program in Unix milliseconds. Deterministic, no I/O. */
export interface Past {
	/**
	 * Returns the reactions up to a moment, by type.
	 * Those of a second are spread evenly over it: the one of two is reached after a quarter, the other after three.
	 */
	upTo(position: number): Totals;
	/** Returns the reactions that fly while the playhead plays from one moment to a later one; none after a longer step. */
	between(from: number, to: number): Totals;
}

/** Returns the sum of totals. The one of the protocol would be in the core of each page. */
export function plus(totals: Totals, more: Totals): Totals {
	const sum: Record<string, number> = { ...totals };
	for (const [type, count] of Object.entries(more)) sum[type] = (sum[type] ?? 0) + count;
	return sum;
}

/**
 * @param points seconds with reactions, oldest first.
 * @param before the reactions before the first of them.
 */
export function createPast(points: readonly TimelineStep[], before: Totals): Past {
	/** The reactions before each point. */
	const sums: Totals[] = [];
	let sum = before;
	for (const { counts } of points) {
		sums.push(sum);
		sum = plus(sum, counts);
	}

	/** Returns the number of points that begin before a moment. */
	function begun(position: number): number {
		let low = 0;
		let high = points.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((points[middle] as TimelineStep).at < position) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	function upTo(position: number): Totals {
		const place = begun(position) - 1;
		const point = points[place];
		if (point === undefined) return before;
		const share = Math.min(1, (position - point.at) / POINT_MS);
		const shown = Object.entries(point.counts).map(([type, count]) => [type, Math.round(count * share)]);
		return plus(sums[place] ?? {}, Object.fromEntries(shown));
	}

	return {
		upTo,
		between(from, to) {
			const flying: Record<string, number> = {};
			if (to <= from || to - from > LONGEST_STEP_MS) return flying;
			const reached = upTo(from);
			for (const [type, total] of Object.entries(upTo(to))) {
				const count = total - (reached[type] ?? 0);
				if (count > 0) flying[type] = count;
			}
			return flying;
		},
	};
}
