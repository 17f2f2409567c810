import { readAnswer } from './answer.ts';
import { LikewireServerError } from './errors.ts';
import type { CheckedOptions } from './options.ts';

/** The longest wait before the second attempt of a call, in milliseconds. */
const MIN_PAUSE_MS = 100;

/** The longest wait before later attempts, in milliseconds: it doubles up to this. */
const MAX_PAUSE_MS = 2_000;

/** A request to a gateway. */
export interface ServerRequest {
	readonly method: 'GET' | 'POST' | 'DELETE';
	/** One of the protocol's `paths`, with its query. */
	readonly path: string;
	readonly body?: object;
	/** The user on whose behalf the server acts. */
	readonly user?: string | undefined;
}

/** Sends a request until it is answered, or the time of the call is over. Rejects with a {@link LikewireServerError}. */
export type SendRequest = (request: ServerRequest) => Promise<unknown>;

/**
 * Creates a function that sends requests to the addresses. A write stays with the address of its first attempt: another address
 * may be another region, which would store it again.
 */
export function createRequests({ urls, apiKey, timeoutMs, fetch }: CheckedOptions): SendRequest {
	let current = 0;

	async function attempt(base: string, { method, path, body, user }: ServerRequest, signal: AbortSignal) {
		const headers = {
			...(apiKey !== undefined && { Authorization: `Bearer ${apiKey}` }),
			...(user !== undefined && { 'X-Likewire-User': user }),
			...(body !== undefined && { 'Content-Type': 'application/json' }),
		};
		// Error messages end up in logs, and a query may contain names.
		const url = base + path.split('?')[0];
		try {
			const response = await fetch(base + path, {
				method,
				headers,
				signal,
				...(body !== undefined && { body: JSON.stringify(body) }),
			});
			return await readAnswer(url, response);
		} catch (cause) {
			if (cause instanceof LikewireServerError) throw cause;
			if (signal.aborted) {
				throw new LikewireServerError('timeout', `${url} did not answer in time.`, { retryable: true, cause });
			}
			throw new LikewireServerError('network', `${url} could not be reached.`, { retryable: true, cause });
		}
	}

	return async (request) => {
		const deadline = Date.now() + timeoutMs;
		// An address that accepts and never answers leaves time for the next.
		const attemptMs = request.method === 'GET' ? timeoutMs / Math.max(2, urls.length) : timeoutMs / 2;
		let index = current;
		let before: unknown;
		for (let failures = 0; ; failures++) {
			const base = urls[index % urls.length] ?? urls[0];
			const leftMs = Math.max(1, deadline - Date.now());
			try {
				const answer = await attempt(base, request, AbortSignal.timeout(Math.min(attemptMs, leftMs)));
				current = index;
				return answer;
			} catch (error) {
				const { code, retryable, retryAfterMs } = error as LikewireServerError;
				// An attempt without enough time has a less useful error than the one before it.
				if (code === 'timeout' && leftMs < attemptMs && before !== undefined) throw before;
				before = error;
				const ceilingMs = Math.min(MIN_PAUSE_MS * 2 ** failures, MAX_PAUSE_MS);
				const pauseMs = retryAfterMs ?? Math.random() * ceilingMs;
				if (!retryable || Date.now() + pauseMs >= deadline) throw error;
				await new Promise((resolve) => setTimeout(resolve, pauseMs));
				if (request.method === 'GET') index++;
			}
		}
	};
}
