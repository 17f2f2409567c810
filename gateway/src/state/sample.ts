import type { RecentLike } from '@likewire/protocol';
import { hashText } from './hash.ts';

/** The most likes of a sample. */
export const SAMPLE_SIZE = 8;

/** Some of the likes that just arrived, ordered by the hash of their ids. */
export type Sample = readonly RecentLike[];

interface Ranked {
	readonly hash: number;
	readonly like: RecentLike;
}

/** Orders by hash, then by id, so that all nodes have the same order. */
function byRank(a: Ranked, b: Ranked): number {
	return a.hash - b.hash || (a.like.id < b.like.id ? -1 : 1);
}

/**
 * Returns the {@link SAMPLE_SIZE} likes with the lowest hash of their id, each once: a bottom-k sketch
 * (Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007). The choice is fair, since
 * the hash depends on neither user nor time, and idempotent: samples merge repeatedly and in any
 * order.
 */
export function sampleOf(likes: Iterable<RecentLike>): Sample {
	const byId = new Map<string, Ranked>();
	for (const like of likes) byId.set(like.id, { hash: hashText(like.id), like });
	return [...byId.values()]
		.sort(byRank)
		.slice(0, SAMPLE_SIZE)
		.map(({ like }) => like);
}

/** Returns the sample of the likes of both samples. */
export function mergeSamples(a: Sample, b: Sample): Sample {
	if (b.length === 0) return a;
	if (a.length === 0) return b;
	return sampleOf([...a, ...b]);
}
