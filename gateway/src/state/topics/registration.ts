import type { Updates } from '../update.ts';

/** The registration of one topic at a frontend. */
export interface Registration {
	readonly topic: string;
	/** The number of connections that follow it; 0 while the frontend only keeps the topic. */
	readonly count: number;
	/** The hash of the complete state of the frontend; undefined when it needs the state. */
	readonly hash: number | undefined;
	/** The number of changes that the frontend has: larger when the dispatcher missed updates. */
	readonly revision: number;
	/** For a video: at most {@link MAX_UNREAD} comments whose likes are not complete at the frontend. */
	readonly unread?: readonly string[] | undefined;
}

/** The most comments that one registration names as unread; the next digest names others. */
export const MAX_UNREAD = 100;

/** A message with registrations from a frontend to a dispatcher. */
export interface Registrations {
	readonly frontend: string;
	/** The life of the frontend; rows of earlier lives are void. */
	readonly incarnation: number;
	/** Grows with each message of this life; a message with a lower number than the last one is void. */
	readonly seq: number;
	/** The ring by which the frontend chose this dispatcher. */
	readonly view: string;
	/** The digest; undefined in a message with changes alone, and while changes still wait. */
	readonly digest: Digest | undefined;
	readonly topics: readonly Registration[];
	/** Topics that the frontend does not follow any more. */
	readonly dropped: readonly string[];
}

/**
 * All topics that a frontend follows at a dispatcher, as sums of hashes (`DigestSums`). The dispatcher
 * compares them with its own sums after it took the topics of the message. When both equal, neither
 * side does more. When one differs, the answer has the sums of the buckets of the dispatcher; the
 * frontend then lists the topics of the buckets that differ, in one or more messages, and the last of
 * these has a digest again, with `listed`.
 */
export interface Digest {
	/** The sum of the rows: when it equals, the dispatcher has exactly the rows of this frontend. */
	readonly rows: string;
	/** The sum of the states: when it equals, both know the same of each topic. */
	readonly states: string;
	/** The messages from `since` on had all topics of these buckets; other rows of the buckets go. */
	readonly listed?: { readonly buckets: readonly number[]; readonly since: number } | undefined;
}

/** The answer to registrations. */
export interface RegistrationAnswer {
	/** The states that the frontend does not have. */
	readonly updates: Updates;
	/** The sums of the buckets of the dispatcher when they differ; undefined after a list. */
	readonly buckets: string | undefined;
}

/** The answer to registrations that find nothing to add. */
export const NOTHING_DIFFERS: RegistrationAnswer = { updates: new Map(), buckets: undefined };
