import { mergeUpdates, type Updates } from '../state/update.ts';

/** The last merge of each batch: the other batch, and the result. */
const merges = new WeakMap<Updates, { readonly next: Updates; readonly merged: Updates }>();

/**
 * Returns both batches in one; callers must not change either of them after that. Many queues wait
 * with the same batch and take the same updates: they share one merge, and its encoding.
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
 * Splits waiting updates into the batch that leaves, which is not empty, the rest for the next batch,
 * and the remainders of updates of which a part leaves. Does not change its argument.
 */
export type Cut = (waiting: Updates) => readonly [batch: Updates, rest: Updates, remainder?: Updates];

/** The empty batch. */
export const NO_UPDATES: Updates = new Map();

/** The cut of a batch without a limit. */
export const cutNothing: Cut = (waiting) => [waiting, NO_UPDATES];
