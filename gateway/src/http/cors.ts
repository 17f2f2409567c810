import type { Headers } from './answer.ts';
import type { AllowedOrigins } from './origins.ts';

/** Lets a page read when to try again, and with which id. */
const EXPOSED: Headers = { 'Access-Control-Expose-Headers': 'Retry-After, Idempotency-Key' };

/**
 * Returns the CORS headers of an answer to a page of `origin`; none for an origin that is not allowed,
 * so that its browser refuses. A page of a list may send credentials, such as a cookie for a proxy,
 * which browsers never allow with `*`.
 */
export function corsHeaders(allowed: AllowedOrigins, origin: string): Headers {
	if (allowed === '*') return { 'Access-Control-Allow-Origin': '*', ...EXPOSED };
	if (!allowed(origin)) return { Vary: 'Origin' };
	return {
		'Access-Control-Allow-Origin': origin,
		'Access-Control-Allow-Credentials': 'true',
		...EXPOSED,
		Vary: 'Origin',
	};
}

/** Returns the headers that a browser requires before it sends a request that a plain form could not. */
export function preflightHeaders(methods: readonly string[]): Headers {
	return {
		'Access-Control-Allow-Methods': methods.join(', '),
		'Access-Control-Allow-Headers': 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Likewire-User',
		'Access-Control-Max-Age': '7200',
	};
}
