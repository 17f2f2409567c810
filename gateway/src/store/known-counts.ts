import type { Counts, LikesRows, StoreLikes } from '../delivery/likes.ts';

/** What a row of a database says of a video. */
export interface KnownCounts {
	/** Whose store says it. */
	readonly region: string;
	readonly epoch: number;
	/** '' where nothing but the epoch is said. */
	readonly type: string;
	readonly added: number;
	readonly removed: number;
}

/** All that rows say of one video: of each region what it said under the highest epoch. */
export function gather(rows: Iterable<KnownCounts>): LikesRows {
	const stores = new Map<string, StoreLikes & { readonly counts: Record<string, Counts> }>();
	for (const { region, epoch, type, added, removed } of rows) {
		let store = stores.get(region);
		if (store === undefined || epoch > store.epoch) {
			store = { epoch, counts: {} };
			stores.set(region, store);
		}
		if (epoch === store.epoch && type !== '') store.counts[type] = [added, removed];
	}
	return Object.fromEntries(stores);
}

/** The rows that say of one video what a region's store says. */
export function* spread(region: string, likes: StoreLikes): Generator<KnownCounts> {
	const { epoch } = likes;
	const counts = Object.entries(likes.counts);
	for (const [type, [added, removed]] of counts) yield { region, epoch, type, added, removed };
	// Nothing is news too: under a higher epoch it takes back what was said before.
	if (counts.length === 0) yield { region, epoch, type: '', added: 0, removed: 0 };
}
