import type { Problem } from '@likewire/protocol';
import { LikewireError } from './errors.ts';

/**
 * The longest time that a gateway may ask to wait, in milliseconds.
 * A mistake of a gateway must not silence a page for good.
 */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

/**
 * Returns the value of a `Retry-After` header in milliseconds; undefined for one that asks for none.
 * See https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
	if (value === null) return undefined;
	const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
	// A date in the past means that a clock is off: the usual waits, which grow, apply.
	return ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}

/**
 * Returns the error of a refusal.
 * `url` is the address in its message, without a query, which may hold a token.
 */
export function refusal(url: string, response: Response, body: unknown): LikewireError {
	const { status } = response;
	const retryable = status === 408 || status === 429 || status >= 500;
	const retryAfterMs = parseRetryAfter(response.headers.get('Retry-After'), Date.now());
	const { code, detail } = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>;
	if (typeof code === 'string') {
		return new LikewireError(code, detail ?? `The gateway answered ${status}.`, { retryable, retryAfterMs });
	}
	const message = `${url} answered ${status}, but not as a Likewire gateway does.`;
	return new LikewireError('unexpected_answer', message, { retryable, retryAfterMs });
}
