import type { Followed, RefusedTopic } from './followed.ts';
import type { Totals } from './totals.ts';

/** One like of the sample in an event. */
export interface RecentLike {
	/** The id of the like, a UUID. */
	readonly id: string;
	/** The user that sent it. */
	readonly user: string;
	/** Its reaction type, such as `heart`. */
	readonly type: string;
	/** The time at which the gateway accepted it, in Unix milliseconds. */
	readonly at: number;
	/** The program-date-time that the liker saw, in Unix milliseconds, at most `at`; absent when the like named none. */
	readonly position?: number;
}

/** The first event of every stream. */
export interface HelloEvent extends Followed {
	/**
	 * The id of this connection, for `paths.subscriptions`. It belongs to the caller that opened the stream. For an anonymous
	 * caller, in development mode, the id is the capability: its last 128 bits are random.
	 */
	readonly connection: string;
	/** The id of the node that holds the connection. */
	readonly node: string;
	/** The region of that node. */
	readonly region: string;
	/** The longest silence of the server, in milliseconds. */
	readonly heartbeatMs: number;
	/** The time until the server closes this stream at the latest, in milliseconds. */
	readonly maxLifetimeMs: number;
	/** Requested topics that the caller may not follow; absent when empty. */
	readonly refused?: readonly RefusedTopic[];
}

/** The likes of a video: first a snapshot with an empty `delta`, then the changes for this connection. */
export interface LikesEvent {
	/** The id of the video. */
	readonly video: string;
	/** All likes of the video, by type. */
	readonly totals: Totals;
	/** `totals` minus the totals of the previous event on this connection. */
	readonly delta: Totals;
	/** A sample of the likes in `delta`. */
	readonly recent: readonly RecentLike[];
	/** The number of likes in `recent`. */
	readonly shown: number;
	/** The number of all added likes, of which `recent` is a sample. */
	readonly of: number;
	/** The number of added and taken back likes. Of two states of one store, the higher revision is the newer. */
	readonly revision: number;
	/** The time at which the newest like was accepted, in Unix milliseconds; in a snapshot, of the last change or read. */
	readonly at: number;
}

/** The number of connections that follow a video. */
export interface ViewersEvent {
	/** The id of the video. */
	readonly video: string;
	/** The connections of all regions; tabs of one browser that share a stream count once. */
	readonly count: number;
}

/** A user commented on a video. Its `id:` is a cursor. */
export interface CommentEvent {
	/** The id of the video. */
	readonly video: string;
	/** The id of the comment, a UUID. */
	readonly id: string;
	/** The author. */
	readonly user: string;
	/** The text as the author sent it: 1 to `MAX_COMMENT_LENGTH` characters. Escape it before it becomes HTML. */
	readonly text: string;
	/** The time at which it was accepted, in Unix milliseconds. */
	readonly at: number;
	/** The region whose store assigned its offset. Comments of two regions may have one id: they differ in user or region. */
	readonly region: string;
	/** The id of the comment that it answers, which is not an answer itself. */
	readonly parent?: string;
	/** Set when the gateway samples many comments: it pushes `shown` of `of`. The history has all of them. */
	readonly shown?: number;
	/** See `shown`. */
	readonly of?: number;
}

/** The comment of this user and region was deleted, and no other of its id. Its `id:` is a cursor. */
export interface CommentDeletedEvent {
	/** The id of the video. */
	readonly video: string;
	/** The id of the comment. */
	readonly id: string;
	/** The author of the comment; a moderator may have deleted it. */
	readonly user: string;
	/** The region of the comment: see {@link CommentEvent.region}. */
	readonly region: string;
}

/** The likes of a comment. */
export interface CommentLikesEvent {
	/** The id of the video. */
	readonly video: string;
	/** The id of the comment. */
	readonly id: string;
	/** The author of the comment. Another user may have a comment of the same id in another region. */
	readonly user: string;
	/** All likes of the comment, by type. */
	readonly totals: Totals;
}

/** The presence of a user. */
export interface PresenceEvent {
	/** The id of the user. */
	readonly user: string;
	/** Whether the gateway received recent heartbeats for the user. */
	readonly online: boolean;
	/** The time of the last heartbeat, in Unix milliseconds; null without one. */
	readonly lastSeen: number | null;
}

/** A user started or stopped typing. */
export interface TypingEvent {
	/** The id of the conversation. */
	readonly conversation: string;
	/** The user that types. */
	readonly user: string;
	/** False when the user stopped, or sent no signal for `TYPING_MS`. */
	readonly typing: boolean;
}

/** The state of a message for a user: a device received it, or the user read it. */
export type ReceiptState = 'delivered' | 'read';

/** The newest message that a user received or read. */
export interface ReceiptEvent {
	/** The id of the conversation. */
	readonly conversation: string;
	/** The user that received or read the message. */
	readonly user: string;
	/** The id of the newest message of the receipt, which includes all earlier ones. */
	readonly message: string;
	/** See {@link ReceiptState}. */
	readonly state: ReceiptState;
}

/** An event that a server published on a topic. Its `id:` is a cursor; an event of the class `signal` has none. */
export interface CustomEvent {
	/** The name of the topic, such as `scores` or `video:v1`. */
	readonly topic: string;
	/** The name of the event. */
	readonly name: string;
	/** Any JSON of at most `MAX_EVENT_DATA_BYTES`. */
	readonly data: unknown;
	/** The time at which the gateway accepted it, in Unix milliseconds. */
	readonly at: number;
}

/** The video has ended; these totals are final. */
export interface EndedEvent {
	/** The id of the video. */
	readonly video: string;
	/** All likes of the video, by type. */
	readonly totals: Totals;
}

/**
 * The reason of a gap in a log:
 * - `too_old`: a region has more than 1,000 events after the cursor;
 * - `restored`: the store was restored, for example from a backup;
 * - `unknown_position`: the cursor is of another deployment, or ahead of this node, or the last event id is no cursor;
 * - `no_cursor`: the stream broke before its first cursor, an EventSource resumed with its last id alone, which was of
 *   another topic, or a tab fell behind the stream that it shares;
 * - `lost`: the gateway could not read the missing events in time.
 */
export type GapReason = 'too_old' | 'restored' | 'unknown_position' | 'no_cursor' | 'lost';

/**
 * The start position of this connection in the log of a topic, sent once before its first event. The stream has all later
 * events. Its `id:` is the cursor, so that a client without an event can resume at this position.
 */
export interface CursorEvent {
	/** See {@link GapEvent.topic}. */
	readonly topic: string;
}

/** The stream leaves out events of a log, which the history has. Its `id:` is the cursor after the gap. */
export interface GapEvent {
	/** The topic: `video:v1`, `conversation:c1`, or the name of a custom topic, such as `scores`. */
	readonly topic: string;
	/** See {@link GapReason}. */
	readonly reason: GapReason;
}

/** Sent after `heartbeatMs` without another event. */
export interface HeartbeatEvent {
	/** The time at which the node sent it, in Unix milliseconds. */
	readonly at: number;
}

/** The server closes the stream; reconnect after `retryMs`. */
export interface ByeEvent {
	/** `full`: the node is at its limit of connections, and another may not be; `closed`: a request ended this connection. */
	readonly reason: 'shutdown' | 'lifetime' | 'closed' | 'full';
	/** The wait in milliseconds. It differs by connection, so that viewers do not reconnect all at once. */
	readonly retryMs: number;
}

/** The events of a stream by name. */
export interface StreamEvents {
	/** See {@link HelloEvent}. */
	readonly hello: HelloEvent;
	/** See {@link LikesEvent}. */
	readonly likes: LikesEvent;
	/** See {@link ViewersEvent}. */
	readonly viewers: ViewersEvent;
	/** See {@link CommentEvent}. */
	readonly comment: CommentEvent;
	/** See {@link CommentDeletedEvent}. */
	readonly 'comment-deleted': CommentDeletedEvent;
	/** See {@link CommentLikesEvent}. */
	readonly 'comment-likes': CommentLikesEvent;
	/** See {@link PresenceEvent}. */
	readonly presence: PresenceEvent;
	/** See {@link TypingEvent}. */
	readonly typing: TypingEvent;
	/** See {@link ReceiptEvent}. */
	readonly receipt: ReceiptEvent;
	/** See {@link CustomEvent}. */
	readonly custom: CustomEvent;
	/** See {@link EndedEvent}. */
	readonly ended: EndedEvent;
	/** See {@link CursorEvent}. */
	readonly cursor: CursorEvent;
	/** See {@link GapEvent}. */
	readonly gap: GapEvent;
	/** See {@link HeartbeatEvent}. */
	readonly heartbeat: HeartbeatEvent;
	/** See {@link ByeEvent}. */
	readonly bye: ByeEvent;
}

/** The name of an event of a stream: a key of {@link StreamEvents}. */
export type StreamEventName = keyof StreamEvents;

/** An event with its name, and with its cursor if it is of a log. */
export type StreamEvent = {
	readonly [Name in StreamEventName]: { readonly event: Name; readonly id?: string; readonly data: StreamEvents[Name] };
}[StreamEventName];

/** An event of a poll. Likes have no `delta`: compute it from the totals of the previous poll. */
export type PollEvent = {
	readonly [Name in Exclude<StreamEventName, 'hello' | 'heartbeat' | 'bye'>]: {
		readonly event: Name;
		readonly id?: string;
		readonly data: Name extends 'likes' ? Omit<LikesEvent, 'delta'> : StreamEvents[Name];
	};
}[Exclude<StreamEventName, 'hello' | 'heartbeat' | 'bye'>];

/**
 * Encodes an event as Server-Sent Events text. JSON has no bare line break, so the data is one line.
 *
 * @param id the cursor of an event of a log, of the characters `A-Z a-z 0-9 _ - .`.
 */
export function encodeEvent<Name extends StreamEventName>(name: Name, data: StreamEvents[Name], id?: string): string {
	const text = `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
	return id === undefined ? text : withId(id, text);
}

/** Returns an encoded event with an id. */
export function withId(id: string, event: string): string {
	return `id: ${id}\n${event}`;
}
