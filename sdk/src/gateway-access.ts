import type { LikewireError } from './errors.ts';
import type { MissingClass } from './transport.ts';
import type { WritesOptions } from './writes/start-queue.ts';
import type { WriteQueue } from './writes/write.ts';

/** How topics reach the gateway from the start, other than over the stream. */
export interface GatewayAccess {
	/**
	 * Sends what has to be stored: see {@link WriteQueue}.
	 * Throws `invalid_option` where the platform can open no stream.
	 */
	readonly write: WriteQueue['push'];
}

/** The gateway of a client: all requests to it, except the stream. */
export interface Gateway extends GatewayAccess, Omit<WriteQueue, 'push'> {
	/** Reads; if an address does not answer, asks the next one, each once. */
	read(path: string): Promise<unknown>;
	/**
	 * Sends a state that is true only for a moment, once.
	 * Never rejects; a refusal is an `error` of the client.
	 */
	signal(path: string, body: object): Promise<void>;
}

export interface GatewayOptions extends WritesOptions {
	/** Returns the index in the list of the address that the stream uses. */
	readonly current: () => number;
	readonly onError: (error: LikewireError) => void;
	/**
	 * Returns the class that the platform misses for any stream.
	 * Without a stream, no write learns its region.
	 */
	readonly missing: () => MissingClass | undefined;
}
