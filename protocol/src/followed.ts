import type { ErrorCode } from './errors.ts';

/** What a connection follows, by kind. */
export interface Followed {
	/** Ids of videos. */
	readonly videos: readonly string[];
	/** Ids of conversations. */
	readonly conversations: readonly string[];
	/** The people whose presence it shows. */
	readonly presence: readonly string[];
	/** Topics of an operator's own. */
	readonly topics: readonly string[];
}

/** A topic that a stream does not follow because its caller may not. */
export interface RefusedTopic {
	/** As servers name it: `video:v1`, `conversation:c1`, `scores`; the presence of a user is `presence:ann`. */
	readonly topic: string;
	/** Why: `forbidden`, say. */
	readonly code: ErrorCode;
}

/** How often a stream sends what is new: `normal`, or at most once a second. */
export const STREAM_PACES = ['normal', 'slow'] as const;

/** One of {@link STREAM_PACES}. */
export type StreamPace = (typeof STREAM_PACES)[number];

/** The answer to a change of subscriptions: all that the connection follows now. */
export interface SubscriptionAnswer extends Followed {
	/** What it was asked to add and may not follow; absent when there is none. */
	readonly refused?: readonly RefusedTopic[];
	/** That of the connection, when the request named one. */
	readonly pace?: StreamPace;
}
