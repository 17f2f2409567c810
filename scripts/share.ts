import type { LongPart } from './long-parts.ts';

/** The longest time of a share with several parts, in seconds on an idle machine. */
const SHARE_SECONDS = 60;

/**
 * The longest time of a part in a share, in seconds. A part longer than a share runs alone: the React Native sample installs 400
 * packages and makes two bundles, each of which tests another configuration.
 */
const LONGEST_SECONDS = 90;

/**
 * Returns the parts of a turn: from the `turn`-th on, cyclically, the parts that fit into a minute together. The first is always
 * included. A part without seconds, or with more than 90, never is.
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
