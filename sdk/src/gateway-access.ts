import { isUnauthorized, LikewireError } from './errors.ts';
import type { Identity } from './identity.ts';
import { request } from './request.ts';
import type { WriteQueue } from './writes/write.ts';

/** How topics reach the gateway, beside the stream. */
export interface GatewayAccess {
	/** For what has to be stored: see {@link WriteQueue}. */
	readonly write: WriteQueue['push'];
	/** Reads; when an address does not answer, the next one is asked, each once. */
	read(path: string): Promise<unknown>;
	/** Says what is true for a moment only: once, and lost is lost. Does not reject; a refusal is an `error` of the client. */
	signal(path: string, body: object): Promise<void>;
}

export interface GatewayAccessOptions {
	readonly urls: readonly [string, ...string[]];
	readonly identity: Identity;
	readonly queue: WriteQueue;
	/** The place in the list of the address that the stream is at. */
	readonly current: () => number;
	readonly onError: (error: LikewireError) => void;
	/** What the platform lacks for any stream, without which no write learns its region. */
	readonly missing: () => LikewireError | undefined;
	/** Aborted when the client closes. */
	readonly closing: AbortSignal;
}

export function createGatewayAccess(options: GatewayAccessOptions): GatewayAccess {
	const { urls, identity, queue, current, onError, missing, closing: signal } = options;
	const urlAt = (place: number) => urls[place % urls.length] ?? urls[0];

	async function read(
		path: string,
		place = current(),
		attempts = urls.length,
		renew = identity.renews,
	): Promise<unknown> {
		try {
			return await request({ url: urlAt(place) + path, method: 'GET', identity, signal });
		} catch (cause) {
			const error = cause as LikewireError;
			if (renew && isUnauthorized(error)) return read(path, place, attempts, false);
			if (!error.retryable || attempts <= 1) throw error;
			return read(path, place + 1, attempts - 1, renew);
		}
	}

	return {
		write(write) {
			const error = missing();
			if (error !== undefined) throw error;
			return queue.push(write);
		},
		read: (path) => read(path),
		async signal(path, body) {
			try {
				await request({ url: urlAt(current()) + path, method: 'POST', body, identity, signal });
			} catch (error) {
				// Without an answer it is lost, and soon not true any more; a refusal is somebody's mistake.
				if (error instanceof LikewireError && !error.retryable && error.code !== 'closed') onError(error);
			}
		},
	};
}
