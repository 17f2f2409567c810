import type { ErrorCode } from './errors.ts';
import type { CommentEvent, LikesEvent, PollEvent, PresenceEvent } from './events.ts';
import type { Followed, RefusedTopic, StreamPace } from './followed.ts';
import type { Totals } from './totals.ts';

/** The answer to a like. */
export interface LikeAnswer {
	/** The like that stands: the one sent or, for a `once` reaction already given, the earlier one. */
	readonly id: string;
	/** The id of the video. */
	readonly video: string;
	/** Its reaction type. */
	readonly type: string;
	/** All likes of the video, or of the comment that was liked, by type. */
	readonly totals: Totals;
	/** See {@link LikesEvent.revision}: a stream that shows this revision, or a higher one, includes the like. */
	readonly revision: number;
	/** It had been counted before, so it was not counted now. */
	readonly duplicate: boolean;
}

/** The body of several likes of a video; they are sent where a single one is. */
export interface BatchLikesRequest {
	/** From 1 to `MAX_LIKES_PER_BATCH`. */
	readonly likes: readonly {
		readonly id: string;
		readonly type?: string;
		/** What the liker saw: its program-date-time in Unix milliseconds. */
		readonly position?: number;
	}[];
	/** The region of their first try. */
	readonly region?: string;
}

/** What became of one like of a batch: counted as in {@link LikeAnswer}, or not, with the reason. */
export type BatchLikeOutcome =
	| {
			/** See {@link LikeAnswer.id}. */
			readonly id: string;
			/** Its reaction type. */
			readonly type: string;
			/** See {@link LikeAnswer.duplicate}. */
			readonly duplicate: boolean;
	  }
	| {
			/** The id that was sent. */
			readonly id: string;
			/** Why it was not counted. */
			readonly code: ErrorCode;
	  };

/** The answer to several likes of a video: each counted, or failed, by itself. */
export interface BatchLikesAnswer {
	/** In the order sent. */
	readonly likes: readonly BatchLikeOutcome[];
	/** All likes of the video, by type. */
	readonly totals: Totals;
	/** See {@link LikesEvent.revision}: a stream that shows this revision, or a higher one, includes all that counted. */
	readonly revision: number;
}

/** The answer to taking a like back. */
export interface TakeBackAnswer {
	/** The id of the like. */
	readonly id: string;
	/** All likes of the video, or of the comment whose like it was, by type. */
	readonly totals: Totals;
	/** See {@link LikesEvent.revision}. */
	readonly revision: number;
	/** It had been taken back before. */
	readonly duplicate: boolean;
}

/** The answer to reading a video. */
export interface VideoAnswer {
	/** The id of the video. */
	readonly video: string;
	/** All likes of the video, by type. */
	readonly totals: Totals;
	/** See {@link LikesEvent.revision}. */
	readonly revision: number;
	/** Connections that follow it now; absent while the node that counts them cannot be asked. */
	readonly viewers?: number;
	/** When this was read, in Unix milliseconds. */
	readonly at: number;
}

/** The answer to a poll: what a stream with the same query would begin with. */
export interface PollAnswer {
	/** What is new after the cursors of the query, and the newest state of all else. */
	readonly events: readonly PollEvent[];
	/** Where the next poll goes on: one for each topic with a log, to pass as `cursor`. */
	readonly cursors: readonly string[];
	/** The region of the node that answers. */
	readonly region: string;
	/** When to poll again, in milliseconds. A poll with an id counts as a viewer for twice as long. */
	readonly nextMs: number;
	/** Topics that it asked for and may not follow; absent when there is none. */
	readonly refused?: readonly RefusedTopic[];
}

/** The body that changes what a connection follows; its answer is {@link Followed}. */
export interface SubscriptionRequest {
	/** What to follow from now on. */
	readonly add?: Partial<Followed>;
	/** What to follow no longer. */
	readonly remove?: Partial<Followed>;
	/** Where to resume what is added: cursors as events carry them for their `id`. */
	readonly cursors?: readonly string[];
	/** From now on; unchanged when absent. `slow` spares a viewer who does not look, as in a hidden tab. */
	readonly pace?: StreamPace;
}

/** A comment as its history shows it. */
export interface Comment extends CommentEvent {
	/** Likes of the comment, by type; absent when nobody liked it. */
	readonly likes?: Totals;
}

/** The answer to a comment. */
export interface CommentAnswer extends Comment {
	/** It had been stored before, so it was not stored again. */
	readonly duplicate: boolean;
}

/** A page of comments, newest first. */
export interface CommentsAnswer {
	/** At most `limit` of the query. */
	readonly comments: readonly Comment[];
	/** What `before` is for the next page; null when this is the last. */
	readonly next: string | null;
}

/** The answer to deleting a comment. */
export interface DeleteCommentAnswer {
	/** The id of the comment. */
	readonly id: string;
	/** It had been deleted before. */
	readonly duplicate: boolean;
}

/** The answer to a question for presence. */
export interface PresenceAnswer {
	/** The presence of each user of the question, by id. */
	readonly users: Readonly<Record<string, Omit<PresenceEvent, 'user'>>>;
}

/** The answer to an event that a server published. */
export interface TopicEventAnswer {
	/** The id of the event: that of the request, or one that the gateway made. */
	readonly id: string;
	/** The topic it was published on. */
	readonly topic: string;
	/** It had been stored before, so it was not stored again. */
	readonly duplicate: boolean;
}

/** The answer to ending a video. */
export interface EndAnswer {
	/** The id of the video. */
	readonly video: string;
	/** All likes of the video, by type; they are final. */
	readonly totals: Totals;
	/** It had been ended before. */
	readonly duplicate: boolean;
}
