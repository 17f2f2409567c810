/** The followed videos of a viewer, and the times of their frames. */
export interface Watching {
	readonly videos: readonly string[];
	readonly frames: ReadonlyMap<string, readonly number[]>;
}

/** A like with the time of its acceptance. */
export interface Accepted {
	readonly video: string;
	readonly acceptedAt?: number;
}

export interface MissedFrames {
	/** The number of seconds of a viewer and a video with an accepted like and without a frame. */
	readonly missed: number;
	/** The number of all seconds of a viewer and a video with an accepted like. */
	readonly of: number;
}

const SLOT_MS = 1_000;

/** The frame of a like that is accepted later than this in a second may arrive in the next second. */
const DUE_MS = 750;

/**
 * Counts the frames that viewers missed during load. In each whole second, a viewer expects a frame of each followed video
 * with a like that was accepted in the first 750 ms. It missed this frame when none of the video arrived in this second,
 * with a stream or without.
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
	/** The videos with an expected frame, by the start of the second. */
	const due = new Map<number, Set<string>>(slots.map((start) => [start, new Set()]));
	for (const { video, acceptedAt } of likes) {
		const start = acceptedAt === undefined ? undefined : slotOf(acceptedAt);
		if (start !== undefined && (acceptedAt ?? 0) - start < DUE_MS) due.get(start)?.add(video);
	}
	let missed = 0;
	let of = 0;
	for (const { videos, frames } of viewers) {
		for (const video of videos) {
			const received = new Set((frames.get(video) ?? []).map(slotOf));
			for (const [start, dueVideos] of due) {
				if (!dueVideos.has(video)) continue;
				of++;
				if (!received.has(start)) missed++;
			}
		}
	}
	return { missed, of };
}
