import type { ErrorCode, StreamEvents, StreamPace } from '@likewire/protocol';
import type { LikewireError } from './errors.ts';
import type { Identity } from './identity.ts';
import type { TopicEventName } from './topics/topic.ts';
import type { TransportChoice } from './transport.ts';

/**
 * The state of a client's connection:
 * - `connecting`: an attempt is under way;
 * - `live`: events arrive;
 * - `waiting`: a pause before the next attempt;
 * - `polling`: the network lets no stream through; events arrive by requests that repeat, some seconds late;
 * - `closed`: for good; by `close()`, or because the gateway refused a client that has no other token to show.
 */
export type ConnectionState = 'connecting' | 'live' | 'waiting' | 'polling' | 'closed';

export interface ConnectionOptions {
	readonly urls: readonly [string, ...string[]];
	readonly identity: Identity;
	/** Aborted when the client closes. */
	readonly closing: AbortSignal;
	readonly transport: TransportChoice;
	readonly onState: (state: ConnectionState) => void;
	/** A stream was opened, of this region, at the address of this place in the list; `names`: for these topics alone. */
	readonly onOpen: (region: string, gateway: number, names?: ReadonlySet<string>) => void;
	/** An event that is about a topic; `cursor` is its own id, if it has one. */
	readonly onEvent: <Name extends TopicEventName>(
		event: Name,
		data: StreamEvents[Name],
		cursor: string | undefined,
	) => void;
	/** Where to resume a topic; undefined: where it is. */
	readonly cursorOf: (name: string) => string | undefined;
	/** Why the stream is down; it comes back by itself, unless the state is `closed`. */
	readonly onError: (error: LikewireError) => void;
	/** The gateway does not let the caller follow this topic; the others are followed. */
	readonly onRefused: (name: string, code: ErrorCode) => void;
	/** These topics are followed from now on, and no others. */
	readonly onSettle: (wanted: ReadonlySet<string>) => void;
}

/** One stream for all topics of a client, kept open through everything. */
export interface Connection {
	readonly state: ConnectionState;
	/** The place in the list of the address that it is at. */
	readonly gateway: number;
	follow(name: string): void;
	unfollow(name: string): void;
	/** The network or the page is back: whatever is waited for, try now. */
	resume(): void;
	/** The page is left, and may come back: ends the stream, and takes its viewer off the count, until {@link resume}. */
	suspend(): void;
	close(): void;
}

/** A connection with a stream of its own. */
export interface StreamConnection extends Connection {
	/** How often this stream, and each one after it, sends what is new. */
	setPace(pace: StreamPace): void;
}
