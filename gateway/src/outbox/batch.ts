import { mergeUpdates, type Updates } from '../state/update.ts';

/** What a batch was last merged with, and what came of it. */
const merges = new WeakMap<Updates, { readonly next: Updates; readonly merged: Updates }>();

/**
 * Returns both batches in one; nobody may change either of them after that. Many hops wait with the same batch and get
 * the same updates: the merge is made once and shared, and so is what it is encoded to.
 */
export function mergeBatches(known: Updates, next: Updates): Updates {
	if (known.size === 0) return next;
	const last = merges.get(known);
	if (last?.next === next) return last.merged;
	const merged = new Map(known);
	for (const [topic, update] of next) {
		const before = known.get(topic);
		merged.set(topic, before === undefined ? update : mergeUpdates(before, update));
	}
	merges.set(known, { next, merged });
	return merged;
}

/**
 * Splits what waits into the batch that leaves, which is not empty, what waits for the next one, and what remains of updates
 * of which a part leaves. Changes nothing.
 */
export type Cut = (waiting: Updates) => readonly [batch: Updates, rest: Updates, remainder?: Updates];

/** A batch of nothing. */
export const NO_UPDATES: Updates = new Map();

/** A batch has room for everything. */
export const cutNothing: Cut = (waiting) => [waiting, NO_UPDATES];
