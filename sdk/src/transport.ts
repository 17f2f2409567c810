import type { LikewireError } from './errors.ts';

/** What a transport asks of the connection, and tells it. */
export interface TransportHandlers {
	/** The names of the events to listen for. */
	readonly events: readonly string[];
	/** How many addresses of gateways there are. */
	readonly gateways: number;
	/** Where to open the stream; asked once at the start of each attempt. A rejection is a failed attempt. */
	address(): Promise<string>;
	/** What to ask for now, as addresses of streams that are short enough; all topics are in them. Opens nothing. */
	addresses(): Promise<string[]>;
	/** Whether the attempt before got an answer that was no stream. */
	wasRefused(): boolean;
	/** `data`: JSON, or what it says. `id` is the event's own, if it has one. */
	onMessage(event: string, data: string | object, id: string | undefined): void;
	/** An attempt failed or a stream ended. Answers how long to wait at the most, in milliseconds; the transport draws. */
	onDown(error: unknown): number;
}

/** Keeps a stream open: after each failure it tries again by itself until it is closed. */
export interface Transport {
	/** Gives the present attempt or stream up as if it had broken. */
	fail(error: LikewireError): void;
	/** Topics were added: a transport that asks now and then asks at once. */
	wake?(): void;
	close(): void;
}

export type OpenTransport = (handlers: TransportHandlers) => Transport;

/** How events arrive: by Server-Sent Events, a WebSocket, or requests that repeat; `auto`: as the network lets them through. */
export type TransportName = 'auto' | 'sse' | 'websocket' | 'polling';

/** A transport that a client may use. */
export interface TransportChoice {
	/** `blocked`: the network seems to hold back what is tried first. */
	open(handlers: TransportHandlers, blocked: boolean): Transport;
	/**
	 * The class that this platform lacks; undefined when none. Where a server renders a page nothing is opened, and a Node process
	 * may set the class later.
	 */
	missing(): MissingClass | undefined;
}

export type MissingClass = 'EventSource' | 'WebSocket';
