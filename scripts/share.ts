import type { LongPart } from './long-parts.ts';

/** What a share of several parts takes at most, in seconds of a quiet machine. */
const SHARE_SECONDS = 60;

/**
 * A part takes at most so long, in seconds, or is in no share. One that takes longer than a share is alone in its turn: the
 * sample of React Native is an install of 400 packages and two bundles, and a bundle less would leave out half of what it shows.
 */
const LONGEST_SECONDS = 90;

/**
 * The parts that are in their turn: those from the `turn`-th on, around the end, for as long as they fit into a minute
 * together. The first one is always in it. A part that names no seconds, or more than 90, is never.
 */
export function shareOf(parts: readonly LongPart[], turn: number): LongPart[] {
	const short = parts.filter(({ seconds = Number.POSITIVE_INFINITY }) => seconds <= LONGEST_SECONDS);
	const first = short.length === 0 ? 0 : turn % short.length;
	const share: LongPart[] = [];
	let left = SHARE_SECONDS;
	for (const part of [...short.slice(first), ...short.slice(0, first)]) {
		left -= part.seconds ?? 0;
		if (left < 0 && share.length > 0) break;
		share.push(part);
	}
	return share;
}
