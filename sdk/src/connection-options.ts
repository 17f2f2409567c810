import type { ErrorCode, StreamEvents, StreamPace } from '@likewire/protocol';
import type { LikewireError } from './errors.ts';
import type { Identity } from './identity.ts';
import type { TopicEventName } from './topics/topic.ts';
import type { TransportChoice } from './transport.ts';

/**
 * The state of a client's connection:
 * - `connecting`: an attempt is in progress;
 * - `live`: events arrive over a stream;
 * - `waiting`: the client pauses before the next attempt;
 * - `polling`: the network lets no stream through; events arrive some seconds late, in answers to repeated requests;
 * - `closed`: the client does not reconnect, after `close()`, or after a refusal of a client that has no other token.
 */
export type ConnectionState = 'connecting' | 'live' | 'waiting' | 'polling' | 'closed';

export interface ConnectionOptions {
	readonly urls: readonly [string, ...string[]];
	readonly identity: Identity;
	/** Aborts when the client closes. */
	readonly closing: AbortSignal;
	readonly transport: TransportChoice;
	readonly onState: (state: ConnectionState) => void;
	/**
	 * Called when a stream opens, with its region and the index of its address in `urls`.
	 * With `names`, it opened for these topics alone.
	 */
	readonly onOpen: (region: string, gateway: number, names?: ReadonlySet<string>) => void;
	/** Called with each event of a topic; `cursor` is the event's own id, if it has one. */
	readonly onEvent: <Name extends TopicEventName>(
		event: Name,
		data: StreamEvents[Name],
		cursor: string | undefined,
	) => void;
	/** Returns the cursor from which to resume a topic; undefined: from its current state. */
	readonly cursorOf: (name: string) => string | undefined;
	/** Called with the reason why the stream is down; it reconnects unless the state is `closed`. */
	readonly onError: (error: LikewireError) => void;
	/** Called when the gateway does not let the caller follow this topic; the other topics go on. */
	readonly onRefused: (name: string, code: ErrorCode) => void;
	/** Called when the stream follows these topics and no others. */
	readonly onSettle: (wanted: ReadonlySet<string>) => void;
}

/** One stream for all topics of a client; it reconnects until the client closes. */
export interface Connection {
	readonly state: ConnectionState;
	/** The index in `urls` of the current address. */
	readonly gateway: number;
	follow(name: string): void;
	unfollow(name: string): void;
	/** Ends a wait and tries now: the network or the page is back. */
	resume(): void;
	/** Ends the stream, and its viewer in the count, until {@link resume}: the page may return. */
	suspend(): void;
	close(): void;
}

/** A connection with a stream of its own. */
export interface StreamConnection extends Connection {
	/** Sets how often this stream, and each one after it, sends updates. */
	setPace(pace: StreamPace): void;
}
