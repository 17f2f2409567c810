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
	/** Grows with each message of this life; for each topic, the message with the higher number counts. */
	readonly seq: number;
	/** The ring by which the frontend chose this dispatcher. */
	readonly view: string;
	/**
	 * Ends a digest, which may take several messages: the messages from this `seq` on had all topics of
	 * the frontend at this dispatcher. Undefined in other messages.
	 */
	readonly digestSince: number | undefined;
	readonly topics: readonly Registration[];
	/** Topics that the frontend does not follow any more. */
	readonly dropped: readonly string[];
}
