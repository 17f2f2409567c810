import type { Totals } from '@likewire/protocol';
import { hashText } from './hash.ts';

/** How often a reaction was added, and how often removed. Both only grow. */
export type Counts = readonly [added: number, removed: number];

/** The row of one store for a topic. All of its numbers only grow. */
export interface StoreLikes {
	/** Rises when the store is created or restored; a higher epoch replaces a lower one. */
	readonly epoch: number;
	/** The likes, by reaction type. */
	readonly counts: Readonly<Record<string, Counts>>;
	/** The number of events in the log of the topic, which is the offset of the newest. */
	readonly logHead?: number | undefined;
	/** When a video was ended, in Unix milliseconds. */
	readonly endedAt?: number | undefined;
	/** When a like of a comment was last added or removed, in Unix milliseconds. */
	readonly likedAt?: number | undefined;
}

/** The numbers of a row beside its likes; 0 equals undefined. */
export const MARKS = ['logHead', 'endedAt', 'likedAt'] as const;

/** The counters of a topic by store, so that repeated and late updates change nothing. */
export type CounterRows = Readonly<Record<string, StoreLikes>>;

/** Returns when a comment was last liked, in Unix milliseconds; 0 for never. */
export function likedAtOf(rows: CounterRows): number {
	let at = 0;
	for (const { likedAt = 0 } of Object.values(rows)) at = Math.max(at, likedAt);
	return at;
}

/** Returns the epochs without counts: merged into older rows, they drop earlier epochs. */
export function epochsOf(rows: CounterRows): CounterRows {
	return Object.fromEntries(Object.entries(rows).map(([store, { epoch }]) => [store, { epoch, counts: {} }]));
}

export function logHeadOf(likes: StoreLikes | undefined): number {
	return likes?.logHead ?? 0;
}

/** Returns the earliest end of a video over all stores; undefined while it runs. */
export function endedAtOf(rows: CounterRows): number | undefined {
	const times = Object.values(rows).flatMap(({ endedAt = 0 }) => (endedAt > 0 ? endedAt : []));
	return times.length === 0 ? undefined : Math.min(...times);
}

/** The empty counters. */
export const NO_LIKES: CounterRows = Object.freeze({});

/** Returns whether `next` has a larger number than `known`. */
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
	let merged = counts === undefined ? known : { ...known, counts };
	for (const mark of MARKS) {
		const value = next[mark];
		if (value !== undefined && value > (known[mark] ?? 0)) merged = { ...merged, [mark]: value };
	}
	return merged;
}

/**
 * Merges counters: by store and type the larger counts. Commutative, associative and idempotent, so
 * that peers may retry, repeat and reorder. Returns `known` itself when `next` has nothing new.
 */
export function mergeLikes(known: CounterRows, next: CounterRows): CounterRows {
	let merged: Record<string, StoreLikes> | undefined;
	for (const [store, likes] of Object.entries(next)) {
		const sum = mergeStore(known[store], likes);
		if (sum === known[store]) continue;
		merged ??= { ...known };
		merged[store] = sum;
	}
	return merged ?? known;
}

/** Returns the number of likes by type: added less removed. */
export function totalsOf(rows: CounterRows): Totals {
	const totals: Record<string, number> = {};
	for (const { counts } of Object.values(rows)) {
		for (const [type, [added, removed]] of Object.entries(counts)) {
			totals[type] = (totals[type] ?? 0) + added - removed;
		}
	}
	return totals;
}

/** Returns how often likes were added and removed: it never falls within one epoch. */
export function revisionOf(rows: CounterRows): number {
	let revision = 0;
	for (const { counts } of Object.values(rows)) {
		for (const [added, removed] of Object.values(counts)) revision += added + removed;
	}
	return revision;
}

/** Returns a number that grows with every counter, to compare two states of the same stores. */
export function knowledgeOf(rows: CounterRows): number {
	let knowledge = revisionOf(rows);
	for (const { logHead = 0, endedAt = 0 } of Object.values(rows)) knowledge += logHead + (endedAt > 0 ? 1 : 0);
	return knowledge;
}

/** Returns the same number for the same counters, in any order; for digests. */
export function hashLikes(rows: CounterRows): number {
	const stores = Object.entries(rows).map(([store, likes]) => {
		const marks = MARKS.map((mark) => likes[mark] ?? 0);
		return `${store} ${likes.epoch} ${marks.join(' ')} ${Object.entries(likes.counts).sort().join(' ')}`;
	});
	return hashText(stores.sort().join('\n'));
}
