import type { Totals } from '@likewire/protocol';
import { hashText } from './hash.ts';

/** How often a reaction was added and how often taken back. Both only grow. */
export type Counts = readonly [added: number, removed: number];

/** What one store knows of a video, by reaction type. */
export interface StoreLikes {
	/** Grows when the store is created anew or restored; a higher one replaces all that a lower one said. */
	readonly epoch: number;
	readonly counts: Readonly<Record<string, Counts>>;
}

/** How a reaction counts: every `tap`, or `once` for each user and video. */
export type ReactionPolicy = 'tap' | 'once';

/** The likes of a video: by store, so that the same news twice, or late, changes nothing. */
export type LikesRows = Readonly<Record<string, StoreLikes>>;

/**
 * Counts whose name begins so are no likes: what else of a topic only grows merges as they do. No reaction has such a name.
 */
const OTHER = ':';

/** The number of events in the log of the topic, which is the offset of the newest. */
export const LOG_HEAD = ':log';

/** When a video was ended, in Unix milliseconds. */
export const ENDED_AT = ':ended';

/** When a like of a comment was last given or taken back, in Unix milliseconds: which comments were liked last. */
export const LIKED_AT = ':liked';

/** When a comment was last liked, in Unix milliseconds; 0 when it never was. */
export function likedAtOf(rows: LikesRows): number {
	let at = 0;
	for (const { counts } of Object.values(rows)) at = Math.max(at, counts[LIKED_AT]?.[0] ?? 0);
	return at;
}

/** The same stores with nothing counted: merged into older rows, it drops what stores counted in earlier epochs. */
export function epochsOf(rows: LikesRows): LikesRows {
	return Object.fromEntries(Object.entries(rows).map(([store, { epoch }]) => [store, { epoch, counts: {} }]));
}

/** How many events the log of one store has. */
export function logHeadOf(likes: StoreLikes | undefined): number {
	return likes?.counts[LOG_HEAD]?.[0] ?? 0;
}

/** When the video was ended, by the first store that said so; undefined while it was not. */
export function endedAtOf(rows: LikesRows): number | undefined {
	const times = Object.values(rows).flatMap(({ counts }) => counts[ENDED_AT]?.[0] ?? []);
	return times.length === 0 ? undefined : Math.min(...times);
}

/** The least that can be known. */
export const NO_LIKES: LikesRows = Object.freeze({});

/** Whether `next` tells more than `known` of a reaction. */
function grows(known: Counts | undefined, next: Counts): boolean {
	return known === undefined || next[0] > known[0] || next[1] > known[1];
}

function mergeCounts(known: Counts | undefined, next: Counts): Counts {
	if (known === undefined) return next;
	return [/* mutant: merges-added */ Math.max(known[0], next[0]), Math.max(known[1], next[1])];
}

function mergeStore(known: StoreLikes | undefined, next: StoreLikes): StoreLikes {
	if (/* mutant: replaces-lower-epoch */ known === undefined || next.epoch > known.epoch) return next;
	// mutant: ignores-lower-epoch
	if (next.epoch < known.epoch) return known;
	let counts: Record<string, Counts> | undefined;
	for (const [type, count] of Object.entries(next.counts)) {
		if (!grows(known.counts[type], count)) continue;
		counts ??= { ...known.counts };
		counts[type] = mergeCounts(known.counts[type], count);
	}
	return counts === undefined ? known : { epoch: known.epoch, counts };
}

/**
 * What both know together: by store and type the larger counts. Commutative, associative and idempotent, so that hops
 * may retry, repeat and reorder. Gives back `known` itself when `next` holds nothing new.
 */
export function mergeLikes(known: LikesRows, next: LikesRows): LikesRows {
	let merged: Record<string, StoreLikes> | undefined;
	for (const [store, likes] of Object.entries(next)) {
		const sum = mergeStore(known[store], likes);
		if (sum === known[store]) continue;
		merged ??= { ...known };
		merged[store] = sum;
	}
	return merged ?? known;
}

/** The likes that stand, by type. */
export function totalsOf(rows: LikesRows): Totals {
	const totals: Record<string, number> = {};
	for (const { counts } of Object.values(rows)) {
		for (const [type, [added, removed]] of Object.entries(counts)) {
			if (type.startsWith(OTHER)) continue;
			totals[type] = (totals[type] ?? 0) + added - removed;
		}
	}
	return totals;
}

/** How often a like was added or taken back: grows with every change while the stores keep their epochs. */
export function revisionOf(rows: LikesRows): number {
	let revision = 0;
	for (const { counts } of Object.values(rows)) {
		for (const [type, [added, removed]] of Object.entries(counts)) {
			if (!type.startsWith(OTHER)) revision += added + removed;
		}
	}
	return revision;
}

/** How much is known, of likes and all else: of two states of the same stores, the one with more knows more. */
export function knowledgeOf(rows: LikesRows): number {
	let knowledge = revisionOf(rows);
	for (const likes of Object.values(rows))
		knowledge += logHeadOf(likes) + (likes.counts[ENDED_AT] === undefined ? 0 : 1);
	return knowledge;
}

/** The same number for the same knowledge, whatever the order it was gathered in; for digests. */
export function hashLikes(rows: LikesRows): number {
	const stores = Object.entries(rows).map(
		([store, { epoch, counts }]) => `${store} ${epoch} ${Object.entries(counts).sort().join(' ')}`,
	);
	return hashText(stores.sort().join('\n'));
}
