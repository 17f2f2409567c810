declare class LikewireError extends Error {
    readonly name = "LikewireError";
    readonly code: LikewireErrorCode;
    readonly retryable: boolean;
    readonly retryAfterMs: number | undefined;
    constructor(code: LikewireErrorCode, message: string, { retryable, retryAfterMs, cause }?: Details);
}
export type { Client, ClientEvents, ClientOptions, CommentOptions, CommentToLike, ConnectionState, Conversation, ConversationEvents, DeleteCommentOptions, Highlights, HighlightsOptions, HistoryOptions, KeyValueStorage, LikeOptions, LikesUpdate, LikewireErrorCode, Presence, PresenceEvents, PublishedTopic, PublishedTopicEvents, Timeline, TimelineOptions, TimelineStep, Unbind, UserPresence, Video, VideoEvents };
export { LikewireError };
import { ErrorCode, LikesEvent, Totals, StreamEvents, Highlight, Comment, PresenceEvent, LikeAnswer, CommentAnswer, DeleteCommentAnswer } from '@likewire/protocol';
interface Client {
    readonly state: ConnectionState;
    on<Name extends keyof ClientEvents>(event: Name, listener: (data: ClientEvents[Name]) => void): Unbind;
    video(id: string): Video;
    conversation(id: string): Conversation;
    presence(users: readonly string[]): Presence;
    topic(name: string): PublishedTopic;
    close(): void;
}
interface ClientEvents {
    readonly state: ConnectionState;
    readonly error: LikewireError;
}
interface ClientOptions {
    readonly url: string | readonly string[];
    readonly token?: string | (() => Promise<string>) | undefined;
    readonly transport?: TransportName | undefined;
    readonly user?: string | undefined;
    readonly storage?: KeyValueStorage | undefined;
}
interface CommentOptions {
    readonly parent?: string | undefined;
    readonly id?: string | undefined;
}
interface Conversation {
    readonly id: string;
    readonly typingUsers: readonly string[];
    on<Name extends keyof ConversationEvents>(event: Name, listener: (data: ConversationEvents[Name]) => void): Unbind;
    typing(on?: boolean): void;
    delivered(message: string): Promise<void>;
    read(message: string): Promise<void>;
    close(): void;
}
interface DeleteCommentOptions {
    readonly user?: string | undefined;
}
interface Details {
    readonly retryable?: boolean;
    readonly retryAfterMs?: number | undefined;
    readonly cause?: unknown;
}
interface Highlights {
    readonly highlights: readonly Highlight[];
    readonly missing: readonly string[];
}
interface HighlightsOptions {
    readonly count?: number | undefined;
}
interface HistoryOptions {
    readonly before?: string | undefined;
    readonly limit?: number | undefined;
}
interface KeyValueStorage {
    getAllKeys(): Promise<readonly string[]> | readonly string[];
    getItem(key: string): Promise<string | null> | string | null;
    setItem(key: string, value: string): Promise<unknown> | undefined;
    removeItem(key: string): Promise<unknown> | undefined;
}
interface LikeOptions {
    readonly position?: number | undefined;
}
interface LikesUpdate extends LikesEvent {
    readonly totals: Totals;
    readonly own: Totals;
}
interface Presence {
    readonly users: Readonly<Record<string, UserPresence>>;
    on<Name extends keyof PresenceEvents>(event: Name, listener: (data: PresenceEvents[Name]) => void): Unbind;
    close(): void;
}
interface PublishedTopic {
    readonly name: string;
    on<Name extends keyof PublishedTopicEvents>(event: Name, listener: (data: PublishedTopicEvents[Name]) => void): Unbind;
    close(): void;
}
interface Timeline {
    readonly step: string;
    readonly types: readonly string[];
    readonly points: readonly TimelineStep[];
    readonly totals: Totals;
    readonly missing: readonly string[];
}
interface TimelineOptions {
    readonly step?: string | undefined;
    readonly from?: number | undefined;
    readonly to?: number | undefined;
}
interface TimelineStep {
    readonly at: number;
    readonly counts: Totals;
}
interface TopicEvents extends Omit<Pick<StreamEvents, TopicEventName>, 'likes'> {
    readonly likes: LikesUpdate;
    readonly totals: Totals;
    readonly error: LikewireError;
}
interface Video {
    readonly id: string;
    readonly totals: Totals;
    readonly viewers: number | undefined;
    readonly ended: boolean;
    on<Name extends keyof VideoEvents>(event: Name, listener: (data: VideoEvents[Name]) => void): Unbind;
    like(type?: string, options?: LikeOptions): Promise<LikeAnswer>;
    comment(text: string, options?: CommentOptions): Promise<CommentAnswer>;
    deleteComment(id: string, options?: DeleteCommentOptions): Promise<DeleteCommentAnswer>;
    likeComment(comment: CommentToLike, type?: string): Promise<LikeAnswer>;
    comments(options?: HistoryOptions): AsyncIterableIterator<Comment>;
    timeline(options?: TimelineOptions): Promise<Timeline>;
    highlights(options?: HighlightsOptions): Promise<Highlights>;
    close(): void;
}
type CommentToLike = string | Pick<Comment, 'id' | 'user'>;
type ConnectionState = 'connecting' | 'live' | 'waiting' | 'polling' | 'closed';
type ConversationEvents = Pick<TopicEvents, 'typing' | 'receipt' | 'custom' | 'gap' | 'error'>;
type LikewireErrorCode = ErrorCode | 'network' | 'timeout' | 'unexpected_answer' | 'html_answer' | 'empty_answer' | 'redirected' | 'csp_forbidden' | 'token_failed' | 'queue_full' | 'closed' | 'invalid_option';
type PresenceEvents = Pick<TopicEvents, 'presence' | 'error'>;
type PublishedTopicEvents = Pick<TopicEvents, 'custom' | 'gap' | 'error'>;
type TopicEventName = Exclude<keyof StreamEvents, 'hello' | 'heartbeat' | 'bye'>;
type TransportName = 'auto' | 'sse' | 'websocket' | 'polling';
type Unbind = () => void;
type UserPresence = Omit<PresenceEvent, 'user'>;
type VideoEvents = Pick<TopicEvents, 'likes' | 'totals' | 'viewers' | 'comment' | 'comment-deleted' | 'comment-likes' | 'custom' | 'ended' | 'gap' | 'error'>;
declare function createClient(options: ClientOptions): Client;
export { Client, ClientOptions, createClient };
export { ClientEvents, CommentOptions, CommentToLike, ConnectionState, Conversation, ConversationEvents, DeleteCommentOptions, Highlights, HighlightsOptions, HistoryOptions, KeyValueStorage, LikeOptions, LikesUpdate, LikewireError, LikewireErrorCode, Presence, PresenceEvents, PublishedTopic, PublishedTopicEvents, Timeline, TimelineOptions, TimelineStep, Unbind, UserPresence, Video, VideoEvents };
export { Comment, CommentAnswer, CommentDeletedEvent, CommentEvent, CommentLikesEvent, CustomEvent, DeleteCommentAnswer, EndedEvent, GapEvent, GapReason, Highlight, LikeAnswer, LikesEvent, PresenceEvent, ReceiptEvent, ReceiptState, RecentLike, Totals, TypingEvent, ViewersEvent, uuid } from '@likewire/protocol';
import { ClientOptions, Client };
