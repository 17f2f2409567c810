import type { LikesEvent } from './events.ts';
import type { Totals } from './totals.ts';

/** The answer to a like. */
export interface LikeAnswer {
	/** The like that stands: the one sent or, for a `once` reaction already given, the earlier one. */
	readonly id: string;
	readonly video: string;
	readonly type: string;
	readonly totals: Totals;
	/** See {@link LikesEvent.revision}: a stream that shows this revision, or a higher one, includes the like. */
	readonly revision: number;
	/** It had been counted before, so it was not counted now. */
	readonly duplicate: boolean;
}

/** The answer to taking a like back. */
export interface TakeBackAnswer {
	readonly id: string;
	readonly totals: Totals;
	readonly revision: number;
}

/** The answer to reading a video. */
export interface VideoAnswer {
	readonly video: string;
	readonly totals: Totals;
	readonly revision: number;
	/** Connections that follow it now; absent while the node that counts them cannot be asked. */
	readonly viewers?: number;
	/** When this was read, in Unix milliseconds. */
	readonly at: number;
}

/** The body that changes what a connection follows. */
export interface SubscriptionRequest {
	readonly add?: { readonly videos?: readonly string[] };
	readonly remove?: { readonly videos?: readonly string[] };
}
