import { type CounterRows, type Counts, MARKS, type StoreLikes } from '../state/counters.ts';

/** The row of a topic in a database, without its counters; unknown fields are 0. */
export interface KnownTopic {
	/** The region whose store counted it. */
	readonly region: string;
	readonly epoch: number;
	readonly logHead: number;
	readonly endedAt: number;
	readonly likedAt: number;
}

/** A counter of a topic. */
export interface KnownCount {
	/** The region whose store counted it. */
	readonly region: string;
	readonly epoch: number;
	readonly type: string;
	readonly added: number;
	readonly removed: number;
}

/** Returns the row of a store of which only the epoch is known. */
export function ofEpoch(region: string, epoch: number): KnownTopic {
	return { region, epoch, logHead: 0, endedAt: 0, likedAt: 0 };
}

/** Returns the rows of one topic: those of each region's highest epoch. */
export function gather(topics: Iterable<KnownTopic>, counts: Iterable<KnownCount>): CounterRows {
	const stores = new Map<
		string,
		{ -readonly [Name in keyof StoreLikes]: StoreLikes[Name] } & { counts: Record<string, Counts> }
	>();
	for (const { region, epoch, ...marks } of topics) {
		let store = stores.get(region);
		if (store === undefined || epoch > store.epoch) {
			store = { epoch, counts: {} };
			stores.set(region, store);
		}
		if (epoch < store.epoch) continue;
		for (const mark of MARKS) if (marks[mark] > 0) store[mark] = marks[mark];
	}
	for (const { region, epoch, type, added, removed } of counts) {
		const store = stores.get(region);
		if (store?.epoch === epoch) store.counts[type] = [added, removed];
	}
	return Object.fromEntries(stores);
}

/** Returns the rows of a database for the counters of one topic of a region's store. */
export function spread(region: string, likes: StoreLikes): { topic: KnownTopic; counts: KnownCount[] } {
	const { epoch, logHead = 0, endedAt = 0, likedAt = 0 } = likes;
	return {
		topic: { region, epoch, logHead, endedAt, likedAt },
		counts: Object.entries(likes.counts).map(([type, [added, removed]]) => ({ region, epoch, type, added, removed })),
	};
}
