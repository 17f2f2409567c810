/** A viewer, for what it missed: which videos it follows, and when frames of each arrived. */
export interface Watching {
	readonly videos: readonly string[];
	readonly frames: ReadonlyMap<string, readonly number[]>;
}

/** A like, for what was missed of it. */
export interface Accepted {
	readonly video: string;
	readonly acceptedAt?: number;
}

export interface MissedFrames {
	/** Seconds of a viewer and a video in which there was something to tell, and no frame came … */
	readonly missed: number;
	/** … of so many in which there was something to tell. */
	readonly of: number;
}

const SLOT_MS = 1_000;

/** A like that is accepted later than this in a second may rightly be told in the next one. */
const DUE_MS = 750;

/**
 * What viewers missed while load was on. The time is cut into whole seconds; in each, a viewer has something coming of
 * every video that it follows and of which a like was accepted in the first 750 ms of that second. It missed a frame when
 * none of that video arrived before the second was over, with or without a stream at that time.
 */
export function missedFrames(
	periods: readonly { readonly from: number; readonly to: number }[],
	likes: Iterable<Accepted>,
	viewers: readonly Watching[],
): MissedFrames {
	const slots = periods.flatMap(({ from, to }) =>
		Array.from({ length: Math.max(0, Math.floor((to - from) / SLOT_MS)) }, (_, index) => from + index * SLOT_MS),
	);
	const slotOf = (at: number) => {
		const start = slots.findLast((start) => start <= at);
		return start !== undefined && at - start < SLOT_MS ? start : undefined;
	};
	/** Videos of which something was to be told, by the start of the second. */
	const due = new Map<number, Set<string>>(slots.map((start) => [start, new Set()]));
	for (const { video, acceptedAt } of likes) {
		const start = acceptedAt === undefined ? undefined : slotOf(acceptedAt);
		if (start !== undefined && (acceptedAt ?? 0) - start < DUE_MS) due.get(start)?.add(video);
	}
	let missed = 0;
	let of = 0;
	for (const { videos, frames } of viewers) {
		for (const video of videos) {
			const told = new Set((frames.get(video) ?? []).map(slotOf));
			for (const [start, dueVideos] of due) {
				if (!dueVideos.has(video)) continue;
				of++;
				if (!told.has(start)) missed++;
			}
		}
	}
	return { missed, of };
}
