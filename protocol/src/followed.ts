import type { ErrorCode } from './errors.ts';

/** The topics that a connection follows, by kind. */
export interface Followed {
	/** Ids of videos. */
	readonly videos: readonly string[];
	/** Ids of conversations. */
	readonly conversations: readonly string[];
	/** Ids of users whose presence the stream has. */
	readonly presence: readonly string[];
	/** Names of custom topics. */
	readonly topics: readonly string[];
}

/** A topic that the caller may not follow. */
export interface RefusedTopic {
	/** The topic: `video:v1`, `conversation:c1`, `scores`, or `presence:ann` for the presence of a user. */
	readonly topic: string;
	/** The reason, such as `forbidden`. */
	readonly code: ErrorCode;
}

/** The rate of updates on a stream: `normal`, or `slow` for at most one a second. */
export const STREAM_PACES = ['normal', 'slow'] as const;

/** One of {@link STREAM_PACES}. */
export type StreamPace = (typeof STREAM_PACES)[number];

/** The answer to a change of subscriptions: all topics that the connection follows now. */
export interface SubscriptionAnswer extends Followed {
	/** Requested topics that the caller may not follow; absent when empty. */
	readonly refused?: readonly RefusedTopic[];
	/** The pace of the connection, if the request named one. */
	readonly pace?: StreamPace;
}
