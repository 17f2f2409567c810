/** What a frontend says of one topic. */
export interface Registration {
	readonly topic: string;
	/** Connections that follow it there; 0 while the frontend only keeps the topic warm. */
	readonly count: number;
	/** The hash of the complete state the frontend has; undefined while it has none and needs one. */
	readonly hash: number | undefined;
	/** How many changes the frontend knows of: more than the dispatcher does when news passed that by. */
	readonly revision: number;
	/** Of a video: liked comments whose likes the frontend does not know to the end, at most {@link MAX_UNREAD}. */
	readonly unread?: readonly string[] | undefined;
}

/** Comments that one registration names as unread; the next digest names others. */
export const MAX_UNREAD = 100;

/** What a frontend says to a dispatcher. */
export interface Registrations {
	readonly frontend: string;
	/** Since when the frontend runs; the words of an earlier life do not count any more. */
	readonly incarnation: number;
	/** Grows with each message of this life; of two words about a topic the one with the higher stands. */
	readonly seq: number;
	/** The ring by which the frontend chose this dispatcher. */
	readonly view: string;
	/**
	 * Ends a digest, which may take several messages: all topics of the frontend at this dispatcher were in messages from
	 * this `seq` on, and it has none besides. Undefined in other messages.
	 */
	readonly digestSince: number | undefined;
	readonly topics: readonly Registration[];
	/** Topics it does not want any more. */
	readonly dropped: readonly string[];
}
