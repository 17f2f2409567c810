export { ERROR_STATUS, type ErrorCode, type Problem } from './errors.ts';
export {
	type ByeEvent,
	type CommentDeletedEvent,
	type CommentEvent,
	type CommentLikesEvent,
	type CursorEvent,
	type CustomEvent,
	type EndedEvent,
	encodeEvent,
	type GapEvent,
	type GapReason,
	type HeartbeatEvent,
	type HelloEvent,
	type LikesEvent,
	type PollEvent,
	type PresenceEvent,
	type ReceiptEvent,
	type ReceiptState,
	type RecentLike,
	type StreamEvent,
	type StreamEventName,
	type StreamEvents,
	type TypingEvent,
	type ViewersEvent,
	withId,
} from './events.ts';
export {
	type Followed,
	type RefusedTopic,
	STREAM_PACES,
	type StreamPace,
	type SubscriptionAnswer,
} from './followed.ts';
export { isId, isReactionType, isTopicName, parseUuid } from './ids.ts';
export {
	ALIVE_MS,
	ALIVE_TIMEOUT_MS,
	DEFAULT_REACTION,
	MAX_BODY_BYTES,
	MAX_COMMENT_LENGTH,
	MAX_EVENT_DATA_BYTES,
	MAX_ID_LENGTH,
	MAX_LIKES_PER_BATCH,
	MAX_PRESENCE_USERS,
	MAX_TOPICS_PER_CONNECTION,
	TYPING_MS,
	WATCHDOG_FACTOR,
} from './limits.ts';
export type {
	BatchLikeOutcome,
	BatchLikesAnswer,
	BatchLikesRequest,
	Comment,
	CommentAnswer,
	CommentsAnswer,
	DeleteCommentAnswer,
	EndAnswer,
	LikeAnswer,
	PollAnswer,
	PresenceAnswer,
	SubscriptionRequest,
	TakeBackAnswer,
	TopicEventAnswer,
	VideoAnswer,
} from './messages.ts';
export { paths } from './paths.ts';
export { addTotals, diffTotals, sumTotals, type Totals } from './totals.ts';
export { uuid } from './uuid.ts';
