import type { LikewireError } from './errors.ts';

/** What a transport takes from its connection, and sends to it. */
export interface TransportHandlers {
	/** The names of the events to listen for. */
	readonly events: readonly string[];
	/** The number of gateway addresses. */
	readonly gateways: number;
	/** Returns where to open the stream, at the start of each attempt. A rejection is a failed attempt. */
	address(): Promise<string>;
	/** Returns addresses of streams that are short enough and cover all topics. Opens nothing. */
	addresses(): Promise<string[]>;
	/** Returns whether a server answered the attempt before with something other than a stream. */
	wasRefused(): boolean;
	/** Called with each event. `data` is JSON, or its value. `id` is the event's own, if it has one. */
	onMessage(event: string, data: string | object, id: string | undefined): void;
	/** Called when an attempt failed or a stream ended; returns the longest wait, in milliseconds. */
	onDown(error: unknown): number;
}

/** Keeps a stream open: after each failure it tries again by itself until it is closed. */
export interface Transport {
	/** Fails the current attempt or stream as if it had broken. */
	fail(error: LikewireError): void;
	/** Called after topics were added: a transport that polls asks at once. */
	wake?(): void;
	close(): void;
}

export type OpenTransport = (handlers: TransportHandlers) => Transport;

/**
 * How events arrive: by Server-Sent Events, a WebSocket, or repeated requests.
 * `auto`: the first of them that the network lets through.
 */
export type TransportName = 'auto' | 'sse' | 'websocket' | 'polling';

/** A transport that a client may use. */
export interface TransportChoice {
	/** Opens the transport. `blocked`: the network seems to hold back the first way. */
	open(handlers: TransportHandlers, blocked: boolean): Transport;
	/**
	 * Returns the class that this platform misses; undefined: none.
	 * A server that renders a page opens no stream, and a Node process may set the class later.
	 */
	missing(): MissingClass | undefined;
}

export type MissingClass = 'EventSource' | 'WebSocket';
