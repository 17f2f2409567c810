import { CommentLikes } from '../../state/comment-likes.ts';
import { NO_LIKES } from '../../state/counters.ts';
import { hashState, type Update } from '../../state/update.ts';
import type { Subscriber } from './leases.ts';

/** A frontend with viewers of a topic. */
export interface Row {
	count: number;
	/** The number of the last message that named it. */
	seq: number;
	/** When the owner last answered with a state, because the hash differed. */
	answeredAt: number;
}

/** A topic with its rows and its state. Dropped with its last row. */
export interface Entry {
	readonly rows: Map<string, Row>;
	/** The names of the frontends in `rows`, in order; undefined after a change of the rows. */
	audience: string | undefined;
	/** Without samples and events: only frontends that join later receive the state. */
	state: Update;
	/** The likes of its comments, whose topics go to the same frontends. */
	readonly comments: CommentLikes;
	/** The hash of the state and of the likes of comments; undefined after a change of them. */
	hash: number | undefined;
	/** The frontends whose sums have the present state. */
	readonly summedFor: Set<Subscriber>;
}

/** The state of a topic before any update and any read of the store. */
export const NOTHING_KNOWN: Update = { rows: NO_LIKES, complete: false, sample: [], at: 0 };

/** Returns a topic without rows, of which nothing is known. */
export function newEntry(): Entry {
	return {
		rows: new Map<string, Row>(),
		audience: undefined,
		// mutant: begins-incomplete
		state: NOTHING_KNOWN,
		comments: new CommentLikes(),
		hash: undefined,
		summedFor: new Set(),
	};
}

/** Returns the hash of a state: every frontend of the topic sends it, and it seldom changes in between. */
export function hashOf(entry: Entry): number {
	entry.hash ??= (hashState(entry.state) ^ entry.comments.hash) >>> 0;
	return entry.hash;
}
