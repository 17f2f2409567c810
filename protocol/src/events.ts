import type { Followed, RefusedTopic } from './followed.ts';
import type { Totals } from './totals.ts';

/** One like of the sample that an event shows. */
export interface RecentLike {
	readonly id: string;
	readonly user: string;
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
	readonly node: string;
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
	readonly video: string;
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
	readonly video: string;
	readonly count: number;
}

/** Somebody said something about a video. Its `id:` is a cursor. */
export interface CommentEvent {
	readonly video: string;
	readonly id: string;
	readonly user: string;
	readonly text: string;
	/** When it was accepted, in Unix milliseconds. */
	readonly at: number;
	/** The region whose store numbered it. Comments of two regions may have one id: they differ in user or region. */
	readonly region: string;
	/** The comment it answers, which answers none itself. */
	readonly parent?: string;
	/** Where floods of comments are thinned, in each: of `of` that came, `shown` are pushed. All are in the history. */
	readonly shown?: number;
	readonly of?: number;
}

/** A comment was deleted: that of this user in this region, and no other of its id. Its `id:` is a cursor. */
export interface CommentDeletedEvent {
	readonly video: string;
	readonly id: string;
	/** The author of the comment, who need not be the one who deleted it. */
	readonly user: string;
	readonly region: string;
}

/** The likes of a comment. */
export interface CommentLikesEvent {
	readonly video: string;
	/** The comment. */
	readonly id: string;
	/** The author of the comment: another user may have written one with the same id in another region. */
	readonly user: string;
	readonly totals: Totals;
}

/** Whether somebody is there. */
export interface PresenceEvent {
	readonly user: string;
	readonly online: boolean;
	/** When they were last heard of, in Unix milliseconds; null when never. */
	readonly lastSeen: number | null;
}

/** Somebody began to type, or stopped. */
export interface TypingEvent {
	readonly conversation: string;
	readonly user: string;
	readonly typing: boolean;
}

export type ReceiptState = 'delivered' | 'read';

/** How far somebody has got, or has read, what was said. */
export interface ReceiptEvent {
	readonly conversation: string;
	readonly user: string;
	readonly message: string;
	readonly state: ReceiptState;
}

/** What a server published on a topic of its own. With an `id:` that is a cursor, unless it is of the class `signal`. */
export interface CustomEvent {
	readonly topic: string;
	readonly name: string;
	readonly data: unknown;
	readonly at: number;
}

/** The video is over; these totals are final. */
export interface EndedEvent {
	readonly video: string;
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
	readonly reason: GapReason;
}

/** Sent when nothing else was for `heartbeatMs`. */
export interface HeartbeatEvent {
	readonly at: number;
}

/** The server is about to close the stream; come back after `retryMs`. */
export interface ByeEvent {
	/** `full`: the node has as many connections as it can take, another one may have room; `closed`: a request ended this connection. */
	readonly reason: 'shutdown' | 'lifetime' | 'closed' | 'full';
	readonly retryMs: number;
}

/** The events of a stream by name. */
export interface StreamEvents {
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
