import type { Followed, RefusedTopic } from './followed.ts';
import type { Totals } from './totals.ts';

/** One like of the sample that an event shows. */
export interface RecentLike {
	/** The id of the like, a UUID. */
	readonly id: string;
	/** The user that gave it. */
	readonly user: string;
	/** Its reaction type, such as `heart`. */
	readonly type: string;
	/** When the gateway accepted it, in Unix milliseconds. */
	readonly at: number;
}

/** First on every stream. */
export interface HelloEvent extends Followed {
	/**
	 * Names this connection to `paths.subscriptions`. It belongs to the caller that opened the stream; when that caller was
	 * anonymous, in development mode, the id alone is the capability: its last 128 bits are random.
	 */
	readonly connection: string;
	/** The id of the node that holds the connection. */
	readonly node: string;
	/** The region of that node. */
	readonly region: string;
	/** How often something is sent at the least, in milliseconds. */
	readonly heartbeatMs: number;
	/** When the server will close this stream at the latest, in milliseconds from now. */
	readonly maxLifetimeMs: number;
	/** Topics that were asked for and are not followed, since the caller may not; absent when there is none. */
	readonly refused?: readonly RefusedTopic[];
}

/** The likes of a video: first a snapshot with an empty `delta`, then what changed for this connection. */
export interface LikesEvent {
	/** The id of the video. */
	readonly video: string;
	/** All likes of the video, by type. */
	readonly totals: Totals;
	/** `totals` minus what this connection was told before. */
	readonly delta: Totals;
	/** A sample of the likes in `delta`. */
	readonly recent: readonly RecentLike[];
	/** How many likes `recent` holds … */
	readonly shown: number;
	/** … of so many that were added. */
	readonly of: number;
	/** How often a like was added or taken back so far. Two states of one store compare by it: the higher is the newer. */
	readonly revision: number;
	/** When the newest like in it was accepted, in Unix milliseconds; in a snapshot, when the state was last changed or read. */
	readonly at: number;
}

/** How many connections follow a video. */
export interface ViewersEvent {
	/** The id of the video. */
	readonly video: string;
	/** Connections of all regions; tabs of one browser that share a stream count once. */
	readonly count: number;
}

/** Somebody said something about a video. Its `id:` is a cursor. */
export interface CommentEvent {
	/** The id of the video. */
	readonly video: string;
	/** The id of the comment, a UUID. */
	readonly id: string;
	/** The author. */
	readonly user: string;
	/** The text as the author sent it: 1 to `MAX_COMMENT_LENGTH` characters. Escape it before it becomes HTML. */
	readonly text: string;
	/** When it was accepted, in Unix milliseconds. */
	readonly at: number;
	/** The region whose store numbered it. Comments of two regions may have one id: they differ in user or region. */
	readonly region: string;
	/** The comment it answers, which answers none itself. */
	readonly parent?: string;
	/** Where floods of comments are thinned, in each: of `of` that came, `shown` are pushed. All are in the history. */
	readonly shown?: number;
	/** See `shown`. */
	readonly of?: number;
}

/** A comment was deleted: that of this user in this region, and no other of its id. Its `id:` is a cursor. */
export interface CommentDeletedEvent {
	/** The id of the video. */
	readonly video: string;
	/** The id of the comment. */
	readonly id: string;
	/** The author of the comment, who need not be the one who deleted it. */
	readonly user: string;
	/** The region of the comment: see {@link CommentEvent.region}. */
	readonly region: string;
}

/** The likes of a comment. */
export interface CommentLikesEvent {
	/** The id of the video. */
	readonly video: string;
	/** The comment. */
	readonly id: string;
	/** The author of the comment: another user may have written one with the same id in another region. */
	readonly user: string;
	/** All likes of the comment, by type. */
	readonly totals: Totals;
}

/** Whether somebody is there. */
export interface PresenceEvent {
	/** The id of the user. */
	readonly user: string;
	/** Whether a device of the user sent heartbeats lately. */
	readonly online: boolean;
	/** When they were last heard of, in Unix milliseconds; null when never. */
	readonly lastSeen: number | null;
}

/** Somebody began to type, or stopped. */
export interface TypingEvent {
	/** The id of the conversation. */
	readonly conversation: string;
	/** The user that types. */
	readonly user: string;
	/** False when the user stopped, or sent nothing for `TYPING_MS`. */
	readonly typing: boolean;
}

/** How far a user got with a message: a device has it, or the user read it. */
export type ReceiptState = 'delivered' | 'read';

/** How far somebody has got, or has read, what was said. */
export interface ReceiptEvent {
	/** The id of the conversation. */
	readonly conversation: string;
	/** The user that got or read the message. */
	readonly user: string;
	/** The newest message that the receipt covers; it covers those before, too. */
	readonly message: string;
	/** See {@link ReceiptState}. */
	readonly state: ReceiptState;
}

/** What a server published on a topic of its own. With an `id:` that is a cursor, unless it is of the class `signal`. */
export interface CustomEvent {
	/** The name of the topic, such as `scores` or `video:v1`. */
	readonly topic: string;
	/** What the server calls the event. */
	readonly name: string;
	/** Any JSON, of at most `MAX_EVENT_DATA_BYTES`. */
	readonly data: unknown;
	/** When the gateway accepted it, in Unix milliseconds. */
	readonly at: number;
}

/** The video is over; these totals are final. */
export interface EndedEvent {
	/** The id of the video. */
	readonly video: string;
	/** All likes of the video, by type. */
	readonly totals: Totals;
}

/**
 * Why events of a log were missed:
 * - `too_old`: more than 1,000 events of a region came since;
 * - `restored`: the store began anew, from a backup say;
 * - `unknown_position`: the cursor is of another deployment, or from the future;
 * - `no_cursor`: an EventSource came back with the last id alone, which was of another topic;
 * - `lost`: events between could not be had in time.
 */
export type GapReason = 'too_old' | 'restored' | 'unknown_position' | 'no_cursor' | 'lost';

/**
 * Where this connection begins in the log of a topic, once, before the first event of it: what is stored after that is
 * told. Its `id:` is the cursor, so that who drops before anything happened comes back to the same place.
 */
export interface CursorEvent {
	/** As in {@link GapEvent}. */
	readonly topic: string;
}

/** Events of a log were missed and are not replayed; the history has them. Its `id:` is the cursor from which it goes on. */
export interface GapEvent {
	/** `video:v1`, `conversation:c1`, or `scores`, as servers name a topic of their own. */
	readonly topic: string;
	/** See {@link GapReason}. */
	readonly reason: GapReason;
}

/** Sent when nothing else was for `heartbeatMs`. */
export interface HeartbeatEvent {
	/** When the node sent it, in Unix milliseconds. */
	readonly at: number;
}

/** The server is about to close the stream; come back after `retryMs`. */
export interface ByeEvent {
	/** `full`: the node has as many connections as it can take, another one may have room; `closed`: a request ended this connection. */
	readonly reason: 'shutdown' | 'lifetime' | 'closed' | 'full';
	/** In milliseconds; each connection has its own, so that viewers do not return at once. */
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

/** An event with its name, and its cursor if it is of a log. */
export type StreamEvent = {
	readonly [Name in StreamEventName]: { readonly event: Name; readonly id?: string; readonly data: StreamEvents[Name] };
}[StreamEventName];

/** An event as a poll has it: likes come without a difference, which is what totals grew by since the poll before. */
export type PollEvent = {
	readonly [Name in Exclude<StreamEventName, 'hello' | 'heartbeat' | 'bye'>]: {
		readonly event: Name;
		readonly id?: string;
		readonly data: Name extends 'likes' ? Omit<LikesEvent, 'delta'> : StreamEvents[Name];
	};
}[Exclude<StreamEventName, 'hello' | 'heartbeat' | 'bye'>];

/**
 * An event as Server-Sent Events text. JSON never holds a bare line break, so the data is one line.
 *
 * @param id the cursor of an event of a log: of `A-Z a-z 0-9 _ - .` only.
 */
export function encodeEvent<Name extends StreamEventName>(name: Name, data: StreamEvents[Name], id?: string): string {
	const text = `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
	return id === undefined ? text : withId(id, text);
}

/** An encoded event with its id. */
export function withId(id: string, event: string): string {
	return `id: ${id}\n${event}`;
}
