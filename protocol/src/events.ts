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
export interface HelloEvent {
	/** Names this connection to `paths.subscriptions`. Its last 128 bits are random: whoever knows it may use it. */
	readonly connection: string;
	readonly node: string;
	readonly region: string;
	/** How often something is sent at the least, in milliseconds. */
	readonly heartbeatMs: number;
	/** When the server will close this stream at the latest, in milliseconds from now. */
	readonly maxLifetimeMs: number;
	readonly videos: readonly string[];
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

/** Sent when nothing else was for `heartbeatMs`. */
export interface HeartbeatEvent {
	readonly at: number;
}

/** The server is about to close the stream; come back after `retryMs`. */
export interface ByeEvent {
	readonly reason: 'shutdown' | 'lifetime';
	readonly retryMs: number;
}

/** The events of a stream by name. */
export interface StreamEvents {
	readonly hello: HelloEvent;
	readonly likes: LikesEvent;
	readonly heartbeat: HeartbeatEvent;
	readonly bye: ByeEvent;
}

export type StreamEventName = keyof StreamEvents;

/** An event as Server-Sent Events text. JSON never holds a bare line break, so the data is one line. */
export function encodeEvent<Name extends StreamEventName>(name: Name, data: StreamEvents[Name]): string {
	return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
