import { closedError, isUnauthorized, LikewireError, temporary } from './errors.ts';
import type { Credentials, Identity } from './identity.ts';
import { refusal } from './refusal.ts';

/** The longest time that an answer may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

export interface RequestOptions {
	readonly url: string;
	readonly method: 'GET' | 'POST' | 'DELETE';
	/** Sent as JSON; undefined: the request has no body. */
	readonly body?: unknown;
	readonly identity: Identity;
	/** Aborts when the client closes: the call rejects with `closed`. */
	readonly signal: AbortSignal;
	/** Whether the request outlives its page. Browsers allow 64 KiB of such bodies at a time. */
	readonly keepalive?: boolean;
}

function headersOf({ token, user = '' }: Credentials): Record<string, string> {
	return token === undefined ? { 'X-Likewire-User': user } : { Authorization: `Bearer ${token}` };
}

async function send({ url, method, body, identity, signal, keepalive = false }: RequestOptions): Promise<unknown> {
	const credentials = await identity.credentials();
	const headers = headersOf(credentials);
	const response = await fetch(url, {
		method,
		headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
		...(body !== undefined && { body: JSON.stringify(body) }),
		signal,
		keepalive,
	});
	let answer: unknown;
	try {
		const text = await response.text();
		// The gateway took the request and answers with no content.
		answer = text === '' ? undefined : JSON.parse(text);
	} catch (cause) {
		// Not JSON, or cut off: the page of a proxy, or of a captive portal, which answers 200 to everything.
		if (response.ok) {
			const message = `${url} answered ${response.status} without readable JSON.`;
			throw temporary('unexpected_answer', message, cause);
		}
	}
	if (response.ok) return answer;
	const error = refusal(url, response, answer);
	if (isUnauthorized(error)) identity.refused(credentials);
	throw error;
}

/**
 * Sends a request to a gateway; returns the JSON of its answer.
 * Rejects with a {@link LikewireError} after at most 10 seconds.
 */
export async function request(options: RequestOptions): Promise<unknown> {
	const controller = new AbortController();
	let giveUp = (_: LikewireError): void => {};
	// A token function may never settle and cannot be aborted, so the first to settle counts. React Native does not
	// know the reason of a signal.
	const givenUp = new Promise<never>((_, reject) => {
		giveUp = (error) => {
			reject(error);
			controller.abort();
		};
	});
	// A query may be long, and does not help.
	const [url] = options.url.split('?');
	const timer = setTimeout(() => {
		giveUp(temporary('timeout', `${url} did not answer within ${TIMEOUT_MS} ms.`));
	}, TIMEOUT_MS);
	const close = () => giveUp(closedError());
	options.signal.addEventListener('abort', close);
	if (options.signal.aborted) close();
	try {
		return await Promise.race([givenUp, send({ ...options, signal: controller.signal })]);
	} catch (cause) {
		if (cause instanceof LikewireError) throw cause;
		throw temporary('network', `${url} could not be reached.`, cause);
	} finally {
		clearTimeout(timer);
		options.signal.removeEventListener('abort', close);
	}
}
