import { type LikewireError, temporary } from '../errors.ts';

/** Writes that may be without an answer at a time. Beyond it one is refused with `queue_full`: no user taps that fast. */
export const MAX_WAITING = 1_000;

/** What a write beyond these comes to. */
export function queueFullError(): LikewireError {
	return temporary('queue_full', `${MAX_WAITING} writes wait for their answer already.`);
}

/** What is to be stored, once, however often it is sent. */
export interface Write<Answer> {
	readonly method?: 'POST' | 'DELETE';
	/** One of the protocol's `paths`. */
	readonly path: string;
	/** With an id made here, or of such a kind that twice is the same as once. */
	readonly body?: object;
	/**
	 * The body, or the query of a DELETE, names the region of its first try, and it stays with that one: another one would
	 * do it again. Without it a write goes to whichever region is there.
	 */
	readonly staysInRegion?: boolean;
	/** Writes of the same key go out one after the other, in order. */
	readonly key?: string;
	/** Of those of its key that wait only this one goes out, and all are answered with its answer. */
	readonly onlyNewest?: boolean;
	/** The id of a like of a video. Those that wait go out together, and one without an answer outlives its page. */
	readonly tap?: string;
	/** Called before each post: from here on it may have been stored. */
	readonly onPost?: () => void;
	/**
	 * Whether the gateway said this: a captive portal or a cache may say anything, and then nothing is stored. Default: whether it
	 * is the answer to a like of a video.
	 */
	isAnswer?(answer: Partial<Answer>): boolean;
}

/**
 * Writes on their way: sent until they are answered, always with the same body, and where it matters in the name of the
 * same region, so each counts once. Which region that is a stream has to say first: a like without one would count in each
 * that it reaches.
 */
export interface WriteQueue {
	/** Throws `queue_full` or `closed` at once; the answer may reject with any other {@link LikewireError}. */
	push<Answer>(write: Write<Answer>): Promise<Answer>;
	/**
	 * A stream said which region it is of, from the address at this place of the list: writes that were not tried yet go
	 * there. Without a region: no stream will ever say, and writes stay with one address.
	 */
	locate(region?: string, gateway?: number): void;
	/** The network is back: end a wait that was only a guess. */
	resume(): void;
	/** The page is about to be left: send what waits only to gather. */
	flush(): void;
}
