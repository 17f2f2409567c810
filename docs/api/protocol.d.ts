declare const ALIVE_MS = 60000;
declare const ALIVE_TIMEOUT_MS: number;
declare const DEFAULT_REACTION = "heart";
declare const ERROR_STATUS: {
    readonly invalid_video_id: 400;
    readonly invalid_user_id: 400;
    readonly invalid_like_id: 400;
    readonly invalid_comment_id: 400;
    readonly invalid_conversation_id: 400;
    readonly invalid_topic: 400;
    readonly invalid_event_id: 400;
    readonly invalid_json: 400;
    readonly invalid_body: 400;
    readonly invalid_query: 400;
    readonly unknown_reaction: 400;
    readonly invalid_text: 400;
    readonly invalid_cursor: 400;
    readonly invalid_parent: 400;
    readonly unknown_region: 400;
    readonly too_many_topics: 400;
    readonly too_many_users: 400;
    readonly invalid_position: 400;
    readonly invalid_step: 400;
    readonly invalid_range: 400;
    readonly invalid_count: 400;
    readonly user_required: 400;
    readonly unauthorized: 401;
    readonly token_expired: 401;
    readonly forbidden: 403;
    readonly host_forbidden: 403;
    readonly origin_forbidden: 403;
    readonly proxy_forbidden: 403;
    readonly not_found: 404;
    readonly like_not_found: 404;
    readonly comment_not_found: 404;
    readonly parent_not_found: 404;
    readonly message_not_found: 404;
    readonly connection_not_found: 404;
    readonly method_not_allowed: 405;
    readonly request_timeout: 408;
    readonly id_conflict: 409;
    readonly ambiguous_comment: 409;
    readonly video_ended: 409;
    readonly peer_conflict: 409;
    readonly length_required: 411;
    readonly body_too_large: 413;
    readonly data_too_large: 413;
    readonly unsupported_media_type: 415;
    readonly upgrade_required: 426;
    readonly too_many_requests: 429;
    readonly internal_error: 500;
    readonly unsupported_format: 501;
    readonly overloaded: 503;
    readonly store_unavailable: 503;
    readonly shutting_down: 503;
    readonly node_unavailable: 503;
};
declare const MAX_BODY_BYTES: number;
declare const MAX_COMMENT_LENGTH = 500;
declare const MAX_EVENT_DATA_BYTES: number;
declare const MAX_HIGHLIGHTS = 20;
declare const MAX_ID_LENGTH = 128;
declare const MAX_LIKES_PER_BATCH = 100;
declare const MAX_POSITION_AGE_MS = 60000;
declare const MAX_PRESENCE_USERS = 100;
declare const MAX_TIMELINE_POINTS = 3600;
declare const MAX_TOPICS_PER_CONNECTION = 100;
declare const STREAM_PACES: readonly [
    "normal",
    "slow"
];
declare const TYPING_MS = 6000;
declare const WATCHDOG_FACTOR = 2.5;
declare const paths: {
    readonly stream: "/v1/stream";
    readonly socket: "/v1/socket";
    readonly poll: "/v1/poll";
    readonly connection: (id: string) => string;
    readonly alive: (id: string) => string;
    readonly subscriptions: (id: string) => string;
    readonly video: (id: string) => string;
    readonly likes: (id: string) => string;
    readonly like: (of: string, id: string) => string;
    readonly timeline: (id: string) => string;
    readonly highlights: (id: string) => string;
    readonly comments: (id: string) => string;
    readonly comment: (of: string, id: string) => string;
    readonly commentLikes: (of: string, id: string) => string;
    readonly commentLike: (of: string, on: string, id: string) => string;
    readonly end: (id: string) => string;
    readonly typing: (id: string) => string;
    readonly receipts: (id: string) => string;
    readonly presence: "/v1/presence";
    readonly topicEvents: (topic: string) => string;
};
declare function addTotals(totals: Totals, delta: Totals): Totals;
declare function diffTotals(from: Totals, to: Totals): Totals;
declare function encodeEvent<Name extends StreamEventName>(name: Name, data: StreamEvents[Name], id?: string): string;
declare function isId(text: string): boolean;
declare function isReactionType(text: string): boolean;
declare function isTopicName(text: string): boolean;
declare function parseUuid(text: string): string | undefined;
declare function sumTotals(totals: Totals): number;
declare function uuid(now?: number): string;
declare function withId(id: string, event: string): string;
export type { BatchLikeOutcome, BatchLikesAnswer, BatchLikesRequest, ByeEvent, Comment, CommentAnswer, CommentDeletedEvent, CommentEvent, CommentLikesEvent, CommentsAnswer, CursorEvent, CustomEvent, DeleteCommentAnswer, EndAnswer, EndedEvent, ErrorCode, Followed, GapEvent, GapReason, HeartbeatEvent, HelloEvent, Highlight, HighlightsAnswer, LikeAnswer, LikesEvent, PollAnswer, PollEvent, PresenceAnswer, PresenceEvent, Problem, ReceiptEvent, ReceiptState, RecentLike, RefusedTopic, StreamEvent, StreamEventName, StreamEvents, StreamPace, SubscriptionAnswer, SubscriptionRequest, TakeBackAnswer, TimelineAnswer, TopicEventAnswer, Totals, TypingEvent, VideoAnswer, ViewersEvent };
export { ALIVE_MS, ALIVE_TIMEOUT_MS, DEFAULT_REACTION, ERROR_STATUS, MAX_BODY_BYTES, MAX_COMMENT_LENGTH, MAX_EVENT_DATA_BYTES, MAX_HIGHLIGHTS, MAX_ID_LENGTH, MAX_LIKES_PER_BATCH, MAX_POSITION_AGE_MS, MAX_PRESENCE_USERS, MAX_TIMELINE_POINTS, MAX_TOPICS_PER_CONNECTION, STREAM_PACES, TYPING_MS, WATCHDOG_FACTOR, addTotals, diffTotals, encodeEvent, isId, isReactionType, isTopicName, parseUuid, paths, sumTotals, uuid, withId };
interface BatchLikesAnswer {
    readonly likes: readonly BatchLikeOutcome[];
    readonly totals: Totals;
    readonly revision: number;
}
interface BatchLikesRequest {
    readonly likes: readonly {
        readonly id: string;
        readonly type?: string;
        readonly position?: number;
    }[];
    readonly region?: string;
}
interface ByeEvent {
    readonly reason: 'shutdown' | 'lifetime' | 'closed' | 'full';
    readonly retryMs: number;
}
interface Comment extends CommentEvent {
    readonly likes?: Totals;
}
interface CommentAnswer extends Comment {
    readonly duplicate: boolean;
}
interface CommentDeletedEvent {
    readonly video: string;
    readonly id: string;
    readonly user: string;
    readonly region: string;
}
interface CommentEvent {
    readonly video: string;
    readonly id: string;
    readonly user: string;
    readonly text: string;
    readonly at: number;
    readonly region: string;
    readonly parent?: string;
    readonly shown?: number;
    readonly of?: number;
}
interface CommentLikesEvent {
    readonly video: string;
    readonly id: string;
    readonly user: string;
    readonly totals: Totals;
}
interface CommentsAnswer {
    readonly comments: readonly Comment[];
    readonly next: string | null;
}
interface CursorEvent {
    readonly topic: string;
}
interface CustomEvent {
    readonly topic: string;
    readonly name: string;
    readonly data: unknown;
    readonly at: number;
}
interface DeleteCommentAnswer {
    readonly id: string;
    readonly duplicate: boolean;
}
interface EndAnswer {
    readonly video: string;
    readonly totals: Totals;
    readonly duplicate: boolean;
}
interface EndedEvent {
    readonly video: string;
    readonly totals: Totals;
}
interface Followed {
    readonly videos: readonly string[];
    readonly conversations: readonly string[];
    readonly presence: readonly string[];
    readonly topics: readonly string[];
}
interface GapEvent {
    readonly topic: string;
    readonly reason: GapReason;
}
interface HeartbeatEvent {
    readonly at: number;
}
interface HelloEvent extends Followed {
    readonly connection: string;
    readonly node: string;
    readonly region: string;
    readonly heartbeatMs: number;
    readonly maxLifetimeMs: number;
    readonly refused?: readonly RefusedTopic[];
}
interface Highlight {
    readonly from: number;
    readonly to: number;
    readonly counts: Totals;
}
interface HighlightsAnswer {
    readonly video: string;
    readonly highlights: readonly Highlight[];
    readonly missing: readonly string[];
}
interface LikeAnswer {
    readonly id: string;
    readonly video: string;
    readonly type: string;
    readonly totals: Totals;
    readonly revision: number;
    readonly duplicate: boolean;
}
interface LikesEvent {
    readonly video: string;
    readonly totals: Totals;
    readonly delta: Totals;
    readonly recent: readonly RecentLike[];
    readonly shown: number;
    readonly of: number;
    readonly revision: number;
    readonly at: number;
}
interface PollAnswer {
    readonly events: readonly PollEvent[];
    readonly cursors: readonly string[];
    readonly region: string;
    readonly nextMs: number;
    readonly refused?: readonly RefusedTopic[];
}
interface PresenceAnswer {
    readonly users: Readonly<Record<string, Omit<PresenceEvent, 'user'>>>;
}
interface PresenceEvent {
    readonly user: string;
    readonly online: boolean;
    readonly lastSeen: number | null;
}
interface Problem {
    readonly type: 'about:blank';
    readonly title: string;
    readonly status: number;
    readonly code: ErrorCode;
    readonly detail: string;
}
interface ReceiptEvent {
    readonly conversation: string;
    readonly user: string;
    readonly message: string;
    readonly state: ReceiptState;
}
interface RecentLike {
    readonly id: string;
    readonly user: string;
    readonly type: string;
    readonly at: number;
    readonly position?: number;
}
interface RefusedTopic {
    readonly topic: string;
    readonly code: ErrorCode;
}
interface StreamEvents {
    readonly hello: HelloEvent;
    readonly likes: LikesEvent;
    readonly viewers: ViewersEvent;
    readonly comment: CommentEvent;
    readonly 'comment-deleted': CommentDeletedEvent;
    readonly 'comment-likes': CommentLikesEvent;
    readonly presence: PresenceEvent;
    readonly typing: TypingEvent;
    readonly receipt: ReceiptEvent;
    readonly custom: CustomEvent;
    readonly ended: EndedEvent;
    readonly cursor: CursorEvent;
    readonly gap: GapEvent;
    readonly heartbeat: HeartbeatEvent;
    readonly bye: ByeEvent;
}
interface SubscriptionAnswer extends Followed {
    readonly refused?: readonly RefusedTopic[];
    readonly pace?: StreamPace;
}
interface SubscriptionRequest {
    readonly add?: Partial<Followed>;
    readonly remove?: Partial<Followed>;
    readonly cursors?: readonly string[];
    readonly pace?: StreamPace;
}
interface TakeBackAnswer {
    readonly id: string;
    readonly totals: Totals;
    readonly revision: number;
    readonly duplicate: boolean;
}
interface TimelineAnswer {
    readonly video: string;
    readonly step: string;
    readonly types: readonly string[];
    readonly points: readonly (readonly [
        at: number,
        ...counts: number[]
    ])[];
    readonly totals: Totals;
    readonly missing: readonly string[];
    readonly next: number | null;
}
interface TopicEventAnswer {
    readonly id: string;
    readonly topic: string;
    readonly duplicate: boolean;
}
interface TypingEvent {
    readonly conversation: string;
    readonly user: string;
    readonly typing: boolean;
}
interface VideoAnswer {
    readonly video: string;
    readonly totals: Totals;
    readonly revision: number;
    readonly viewers?: number;
    readonly at: number;
}
interface ViewersEvent {
    readonly video: string;
    readonly count: number;
}
type BatchLikeOutcome = {
    readonly id: string;
    readonly type: string;
    readonly duplicate: boolean;
} | {
    readonly id: string;
    readonly code: ErrorCode;
};
type ErrorCode = keyof typeof ERROR_STATUS;
type GapReason = 'too_old' | 'restored' | 'unknown_position' | 'no_cursor' | 'lost';
type PollEvent = {
    readonly [Name in Exclude<StreamEventName, 'hello' | 'heartbeat' | 'bye'>]: {
        readonly event: Name;
        readonly id?: string;
        readonly data: Name extends 'likes' ? Omit<LikesEvent, 'delta'> : StreamEvents[Name];
    };
}[Exclude<StreamEventName, 'hello' | 'heartbeat' | 'bye'>];
type ReceiptState = 'delivered' | 'read';
type StreamEvent = {
    readonly [Name in StreamEventName]: {
        readonly event: Name;
        readonly id?: string;
        readonly data: StreamEvents[Name];
    };
}[StreamEventName];
type StreamEventName = keyof StreamEvents;
type StreamPace = (typeof STREAM_PACES)[number];
type Totals = Readonly<Record<string, number>>;
