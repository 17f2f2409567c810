import type { LikewireError } from './errors.ts';

/** What a transport asks of the connection, and tells it. */
export interface TransportHandlers {
	/** The names of the events to listen for. */
	readonly events: readonly string[];
	/** Where to open the stream; asked once at the start of each attempt. A rejection is a failed attempt. */
	address(): Promise<string>;
	/** Whether the attempt before got an answer that was no stream. */
	wasRefused(): boolean;
	/** `id` is the event's own, if it has one. */
	onMessage(event: string, data: string, id: string | undefined): void;
	/** An attempt failed or a stream ended. Answers how long to wait at the most, in milliseconds; the transport draws. */
	onDown(error: unknown): number;
}

/** Keeps a stream open: after each failure it tries again by itself until it is closed. */
export interface Transport {
	/** Gives the present attempt or stream up as if it had broken. */
	fail(error: LikewireError): void;
	close(): void;
}

export type OpenTransport = (handlers: TransportHandlers) => Transport;
