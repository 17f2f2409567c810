import { STATUS_CODES } from 'node:http';
import type { Problem } from '@likewire/protocol';
import { GatewayError } from '../runtime/errors.ts';

/** An answer as a value: what a handler gives back, and what goes out in one piece. */
export interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | Uint8Array;
}

export type Headers = Readonly<Record<string, string>>;

/** The head of a stream of events. */
export const EVENT_STREAM: Headers = {
	'Content-Type': 'text/event-stream',
	// A proxy that compresses, such as one with the npm package `compression`, gathers events until its buffer is full.
	'Cache-Control': 'no-store, no-transform',
	// nginx holds a stream back otherwise: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
	'X-Accel-Buffering': 'no',
};

/** A JSON answer. Not to be cached unless `headers` say otherwise. */
export function json(status: number, value: unknown, headers: Headers = {}): Answer {
	return {
		status,
		headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
		body: JSON.stringify(value),
	};
}

/** How long a client that is refused for now should wait, in seconds. */
const RETRY_AFTER_S = '1';

/** An error as `application/problem+json` (RFC 9457). */
export function problem(error: GatewayError, headers: Headers = {}): Answer {
	const { status, code, message } = error;
	const body: Problem = { type: 'about:blank', title: STATUS_CODES[status] ?? '', status, code, detail: message };
	return json(status, body, {
		'Content-Type': 'application/problem+json',
		// RFC 9110 wants it with every 401; no error in it, for the body says more.
		...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
		// RFC 9110, 15.5.22 wants both.
		...(status === 426 && { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13' }),
		...((status === 429 || status === 503) && { 'Retry-After': RETRY_AFTER_S }),
		...headers,
	});
}

/** The status line of a code, as uWebSockets.js wants it. */
export function statusLine(status: number): string {
	return `${status} ${STATUS_CODES[status] ?? ''}`;
}

/** Any thrown thing as the error to answer with: what is not meant for clients becomes an `internal_error`. */
export function asGatewayError(thrown: unknown): GatewayError {
	if (thrown instanceof GatewayError) return thrown;
	return new GatewayError('internal_error', 'Something went wrong here; it is in the log.', { cause: thrown });
}
