import type { LongPart } from './long-parts.ts';

/** What a share takes at most, in seconds of a quiet machine. */
const SHARE_SECONDS = 60;

/**
 * The parts that are in their turn: those from the `turn`-th on, around the end, for as long as they fit into a minute
 * together. The first one is always in it. A part that names no seconds, or more than a minute, is never.
 */
export function shareOf(parts: readonly LongPart[], turn: number): LongPart[] {
	const short = parts.filter(({ seconds = Number.POSITIVE_INFINITY }) => seconds <= SHARE_SECONDS);
	const first = short.length === 0 ? 0 : turn % short.length;
	const share: LongPart[] = [];
	let left = SHARE_SECONDS;
	for (const part of [...short.slice(first), ...short.slice(0, first)]) {
		left -= part.seconds ?? 0;
		if (left < 0) break;
		share.push(part);
	}
	return share;
}
