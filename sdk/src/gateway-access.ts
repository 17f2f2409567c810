import type { LikewireError } from './errors.ts';
import type { MissingClass } from './transport.ts';
import type { WritesOptions } from './writes/start-queue.ts';
import type { WriteQueue } from './writes/write.ts';

/** How topics reach the gateway from the start, beside the stream. */
export interface GatewayAccess {
	/** For what has to be stored: see {@link WriteQueue}. Throws `invalid_option` where the platform can open no stream. */
	readonly write: WriteQueue['push'];
}

/** The gateway of a client: all that is asked of it, but for the stream. */
export interface Gateway extends GatewayAccess, Omit<WriteQueue, 'push'> {
	/** Reads; when an address does not answer, the next one is asked, each once. */
	read(path: string): Promise<unknown>;
	/** Says what is true for a moment only: once, and lost is lost. Does not reject; a refusal is an `error` of the client. */
	signal(path: string, body: object): Promise<void>;
}

export interface GatewayOptions extends WritesOptions {
	/** The place in the list of the address that the stream is at. */
	readonly current: () => number;
	readonly onError: (error: LikewireError) => void;
	/** The class that the platform lacks for any stream, without which no write learns its region. */
	readonly missing: () => MissingClass | undefined;
}
