import type { HttpResponse } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import type { Problem } from '@likewire/protocol';
import { GatewayError } from '../runtime/errors.ts';

/** A whole answer as a value, as a handler returns it. */
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
	// nginx delays a stream otherwise: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
	'X-Accel-Buffering': 'no',
	Vary: 'Accept-Encoding',
};

/** Returns a JSON answer. Caches must not keep it unless `headers` say otherwise. */
export function json(status: number, value: unknown, headers: Headers = {}): Answer {
	return {
		status,
		headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
		body: JSON.stringify(value),
	};
}

/** How long a client waits after a temporary refusal, in seconds. */
const RETRY_AFTER_S = '1';

/** Returns an error as `application/problem+json` (RFC 9457). */
export function problem(error: GatewayError, headers: Headers = {}): Answer {
	const { status, code, message } = error;
	const body: Problem = { type: 'about:blank', title: STATUS_CODES[status] ?? '', status, code, detail: message };
	return json(status, body, {
		'Content-Type': 'application/problem+json',
		// RFC 9110 requires it with every 401. It has no error parameter, since the body says more.
		...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
		// RFC 9110, 15.5.22 requires both.
		...(status === 426 && { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13' }),
		...((status === 429 || status === 503) && { 'Retry-After': RETRY_AFTER_S }),
		...headers,
	});
}

/** Writes the head of an answer. Of a header in several sets, such as `Vary`, each counts. */
export function writeHead(res: HttpResponse, status: number, ...sets: readonly Headers[]): void {
	res.writeStatus(statusLine(status));
	for (const headers of sets) {
		for (const [name, value] of Object.entries(headers)) res.writeHeader(name, value);
	}
}

/** Returns the status line of a code, as uWebSockets.js expects it. */
function statusLine(status: number): string {
	return `${status} ${STATUS_CODES[status] ?? ''}`;
}

/** Returns the error to answer with: errors that are not meant for clients become an `internal_error`. */
export function asGatewayError(thrown: unknown): GatewayError {
	if (thrown instanceof GatewayError) return thrown;
	return new GatewayError('internal_error', 'The request failed with an internal error; see the log of the gateway.', {
		cause: thrown,
	});
}
