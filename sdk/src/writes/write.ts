import { type LikewireError, temporary } from '../errors.ts';

/**
 * The most writes without an answer; the client refuses more with `queue_full`.
 * No user taps that fast.
 */
export const MAX_WAITING = 1_000;

/** Creates the error of a write beyond `MAX_WAITING`. */
export function queueFullError(): LikewireError {
	return temporary('queue_full', `${MAX_WAITING} writes wait for their answer already.`);
}

/** A write that the gateway stores once, however often the client sends it. */
export interface Write<Answer> {
	readonly method?: 'POST' | 'DELETE';
	/** One of the protocol's `paths`. */
	readonly path: string;
	/** Contains an id from this client, or describes a write that has the same effect twice as once. */
	readonly body?: object;
	/**
	 * Whether the write stays in the region of its first try.
	 * The body, or the query of a DELETE, names that region: another region would store it again. Otherwise the write goes
	 * to any region.
	 */
	readonly staysInRegion?: boolean;
	/** Writes of the same key go out one after the other, in order. */
	readonly key?: string;
	/** Whether only the newest pending write of its key goes out; its answer answers the others. */
	readonly onlyNewest?: boolean;
	/**
	 * The id of a like of a video.
	 * Pending taps go out together, and one without an answer outlives its page.
	 */
	readonly tap?: string;
	/** Called before each post, from which on the gateway may have stored the write. */
	readonly onPost?: () => void;
	/**
	 * Returns whether a gateway can have sent this answer. Default: whether it answers a like of a video.
	 * A captive portal or a cache may answer anything, and then the write is not stored.
	 */
	isAnswer?(answer: Partial<Answer>): boolean;
}

/**
 * The pending writes of a client.
 * It sends each until the gateway answers, with the same body and, where `staysInRegion`, in the name of the same
 * region, so each counts once. A stream has to name the region first: a like without one would count in each region
 * that it reaches.
 */
export interface WriteQueue {
	/**
	 * Adds a write. Throws `queue_full` or `closed` at once.
	 * The answer may reject with any other {@link LikewireError}.
	 */
	push<Answer>(write: Write<Answer>): Promise<Answer>;
	/**
	 * Sends writes that were not tried yet to the region of a stream, at this address of the list.
	 * Without a region, no stream will name one, and writes stay with one address.
	 */
	locate(region?: string, gateway?: number): void;
	/** Ends waits that no gateway asked for: the network is back. */
	resume(): void;
	/** Sends taps that only gather: the user may be leaving the page. */
	flush(): void;
}
