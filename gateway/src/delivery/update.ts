import { type LikesRows, mergeLikes } from './likes.ts';
import { mergeSamples, type Sample } from './sample.ts';

/** What travels between two hops about one topic: never a message, always a state that merges. */
export interface Update {
	readonly rows: LikesRows;
	/** A read of the store is in it, so it may be shown as the whole truth. */
	readonly complete: boolean;
	/** A sample of the likes that are news in it. */
	readonly sample: Sample;
	/** When the newest of it was accepted, in Unix milliseconds. */
	readonly at: number;
}

/** What a hop has to say, by topic. */
export type Updates = ReadonlyMap<string, Update>;

/** Both updates in one; in any order, any number of times. */
export function mergeUpdates(known: Update, next: Update): Update {
	return {
		rows: mergeLikes(known.rows, next.rows),
		complete: known.complete || next.complete,
		sample: mergeSamples(known.sample, next.sample),
		at: Math.max(known.at, next.at),
	};
}
