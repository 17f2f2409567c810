import { closedError, isUnauthorized, LikewireError, temporary } from './errors.ts';
import type { Credentials, Identity } from './identity.ts';
import { refusal } from './refusal.ts';

/** How long an answer may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

export interface RequestOptions {
	readonly url: string;
	readonly method: 'GET' | 'POST' | 'DELETE';
	/** Sent as JSON; undefined: nothing is sent. */
	readonly body?: unknown;
	readonly identity: Identity;
	/** Aborted when the client closes: the call rejects with `closed`. */
	readonly signal: AbortSignal;
	/** Goes out also when its page is left meanwhile. Browsers let 64 KiB of such bodies be under way. */
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
		// Taken, and nothing to say about it.
		answer = text === '' ? undefined : JSON.parse(text);
	} catch (cause) {
		// Not JSON, or cut off: a proxy's page, or a captive portal, which says 200 to everything.
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

/** Asks a gateway, and answers with the JSON that comes back. Rejects with a {@link LikewireError}, in ten seconds at the latest. */
export async function request(options: RequestOptions): Promise<unknown> {
	const controller = new AbortController();
	let giveUp = (_: LikewireError): void => {};
	// A token function may never settle, and that cannot be aborted: whichever comes first counts. The reason of a signal is
	// nothing that React Native knows.
	const givenUp = new Promise<never>((_, reject) => {
		giveUp = (error) => {
			reject(error);
			controller.abort();
		};
	});
	// A query may hold much, and is of no help.
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
