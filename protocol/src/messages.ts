import type { ErrorCode } from './errors.ts';
import type { CommentEvent, LikesEvent, PollEvent, PresenceEvent } from './events.ts';
import type { Followed, RefusedTopic, StreamPace } from './followed.ts';
import type { Totals } from './totals.ts';

/** The answer to a like. */
export interface LikeAnswer {
	/** The id of the counted like: the sent one or, for a repeated `once` reaction, the earlier one. */
	readonly id: string;
	/** The id of the video. */
	readonly video: string;
	/** Its reaction type. */
	readonly type: string;
	/** All likes of the video, or of the liked comment, by type. */
	readonly totals: Totals;
	/** See {@link LikesEvent.revision}: a stream at this revision or a higher one includes the like. */
	readonly revision: number;
	/** True when the like was counted before, so this request did not count it. */
	readonly duplicate: boolean;
}

/** The body of several likes of a video, for the path of a single like. */
export interface BatchLikesRequest {
	/** From 1 to `MAX_LIKES_PER_BATCH`. */
	readonly likes: readonly {
		readonly id: string;
		readonly type?: string;
		/** The program-date-time that the liker saw, in Unix milliseconds, at most `MAX_POSITION_AGE_MS` ago. */
		readonly position?: number;
	}[];
	/** The region of their first attempt. */
	readonly region?: string;
}

/** The outcome of one like of a batch: counted as in {@link LikeAnswer}, or refused with a code. */
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
			/** The sent id. */
			readonly id: string;
			/** The reason why it was not counted. */
			readonly code: ErrorCode;
	  };

/** The answer to several likes of a video, each with its own outcome. */
export interface BatchLikesAnswer {
	/** The outcomes in the order of the request. */
	readonly likes: readonly BatchLikeOutcome[];
	/** All likes of the video, by type. */
	readonly totals: Totals;
	/** See {@link LikesEvent.revision}: a stream at this revision or a higher one includes all counted likes. */
	readonly revision: number;
}

/** The answer to taking a like back. */
export interface TakeBackAnswer {
	/** The id of the like. */
	readonly id: string;
	/** All likes of the video, or of the comment, by type. */
	readonly totals: Totals;
	/** See {@link LikesEvent.revision}. */
	readonly revision: number;
	/** True when it was taken back before. */
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
	/** The connections that follow it now; absent while the node that counts them does not answer. */
	readonly viewers?: number;
	/** The time of the read, in Unix milliseconds. */
	readonly at: number;
}

/**
 * A page of the timeline of a video: its reactions by the time that the likers saw.
 *
 * A like without a position counts at the time at which the gateway accepted it.
 */
export interface TimelineAnswer {
	/** The id of the video. */
	readonly video: string;
	/** The length of a step in its shortest form, such as `1s`, `1m` or `1h`. */
	readonly step: string;
	/** The reaction types of the counts, in their order. */
	readonly types: readonly string[];
	/**
	 * The steps with reactions, oldest first, at most `MAX_TIMELINE_POINTS`.
	 *
	 * Each has the start of the step in Unix milliseconds, which is a multiple of the step, and a count for each of `types`.
	 */
	readonly points: readonly (readonly [at: number, ...counts: number[]])[];
	/** All likes of the video, by type: the sum of the points of all pages, unless regions are missing. */
	readonly totals: Totals;
	/** The regions that did not answer, whose reactions the points leave out. */
	readonly missing: readonly string[];
	/** The `from` of the next page, in Unix milliseconds; null on the last page. */
	readonly next: number | null;
}

/** A time of a video with more reactions than the mean. */
export interface Highlight {
	/** Its start, in Unix milliseconds. */
	readonly from: number;
	/** Its end, in Unix milliseconds. */
	readonly to: number;
	/** The reactions in it, by type. */
	readonly counts: Totals;
}

/** The answer to a request for highlights. */
export interface HighlightsAnswer {
	/** The id of the video. */
	readonly video: string;
	/** At most the requested number, best first. None overlaps another. */
	readonly highlights: readonly Highlight[];
	/** See {@link TimelineAnswer.missing}. */
	readonly missing: readonly string[];
}

/** The answer to a poll: the first events of a stream with the same query. */
export interface PollAnswer {
	/** The log events after the cursors of the query, and the newest states. */
	readonly events: readonly PollEvent[];
	/** The `cursor` parameters of the next poll: one for each topic with a log. */
	readonly cursors: readonly string[];
	/** The region of the node that answers. */
	readonly region: string;
	/** The time until the next poll, in milliseconds. A poll with an id counts as a viewer for twice this time. */
	readonly nextMs: number;
	/** Requested topics that the caller may not follow; absent when empty. */
	readonly refused?: readonly RefusedTopic[];
}

/** The body of a change of subscriptions; its answer is {@link SubscriptionAnswer}. */
export interface SubscriptionRequest {
	/** The topics to add. */
	readonly add?: Partial<Followed>;
	/** The topics to remove. */
	readonly remove?: Partial<Followed>;
	/** The cursors at which added topics resume, from the `id` of events. */
	readonly cursors?: readonly string[];
	/** The new pace; unchanged when absent. `slow` is for hidden pages. */
	readonly pace?: StreamPace;
}

/** A comment in the history. */
export interface Comment extends CommentEvent {
	/** The likes of the comment, by type; absent without likes. */
	readonly likes?: Totals;
}

/** The answer to a comment. */
export interface CommentAnswer extends Comment {
	/** True when it was stored before, so this request did not store it again. */
	readonly duplicate: boolean;
}

/** A page of comments, newest first. */
export interface CommentsAnswer {
	/** At most `limit` comments. */
	readonly comments: readonly Comment[];
	/** The `before` of the next page; null on the last page. */
	readonly next: string | null;
}

/** The answer to deleting a comment. */
export interface DeleteCommentAnswer {
	/** The id of the comment. */
	readonly id: string;
	/** True when it was deleted before. */
	readonly duplicate: boolean;
}

/** The answer to a request for presence. */
export interface PresenceAnswer {
	/** The presence of each requested user, by id. */
	readonly users: Readonly<Record<string, Omit<PresenceEvent, 'user'>>>;
}

/** The answer to an event that a server published. */
export interface TopicEventAnswer {
	/** The id of the event: that of the request, or one that the gateway generated. */
	readonly id: string;
	/** The topic of the event. */
	readonly topic: string;
	/** True when it was stored before, so this request did not store it again. */
	readonly duplicate: boolean;
}

/** The answer to ending a video. */
export interface EndAnswer {
	/** The id of the video. */
	readonly video: string;
	/** All likes of the video, by type; they are final. */
	readonly totals: Totals;
	/** True when it had ended before. */
	readonly duplicate: boolean;
}
