/** What a frontend says of one topic. */
export interface Registration {
	readonly topic: string;
	/** Connections that follow it there; 0 while the frontend only keeps the topic warm. */
	readonly count: number;
	/** The hash of the complete state the frontend has; undefined while it has none and needs one. */
	readonly hash: number | undefined;
}

/** What a frontend says to a dispatcher. */
export interface Registrations {
	readonly frontend: string;
	/** Grows with each message of this frontend; of two words about a topic the one with the higher stands. */
	readonly seq: number;
	/** A digest: these are all topics of the frontend; it has none besides. */
	readonly whole: boolean;
	readonly topics: readonly Registration[];
	/** Topics it does not want any more. */
	readonly dropped: readonly string[];
}
