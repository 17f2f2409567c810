export { ERROR_STATUS, type ErrorCode, type Problem } from './errors.ts';
export {
	type ByeEvent,
	encodeEvent,
	type HeartbeatEvent,
	type HelloEvent,
	type LikesEvent,
	type RecentLike,
	type StreamEventName,
	type StreamEvents,
} from './events.ts';
export { isId, isReactionType, parseUuid } from './ids.ts';
export {
	DEFAULT_REACTION,
	MAX_BODY_BYTES,
	MAX_ID_LENGTH,
	MAX_TOPICS_PER_CONNECTION,
	WATCHDOG_FACTOR,
} from './limits.ts';
export type { LikeAnswer, SubscriptionRequest, TakeBackAnswer, VideoAnswer } from './messages.ts';
export { paths } from './paths.ts';
export { addTotals, diffTotals, sumTotals, type Totals } from './totals.ts';
