import type { Problem } from '@likewire/protocol';
import { LikewireServerError } from './errors.ts';

/** Parses a `Retry-After` header into milliseconds: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function parseRetryAfter(value: string | null): number | undefined {
	if (value === null) return undefined;
	const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
	return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}

/**
 * Reads the JSON of an answer.
 *
 * @throws {LikewireServerError} the code of the gateway; `unexpected_answer` for an answer that is not of a gateway.
 */
export async function readAnswer(url: string, response: Response): Promise<unknown> {
	const { status } = response;
	let body: unknown;
	let cause: unknown;
	try {
		body = await response.json();
	} catch (error) {
		cause = error;
	}
	if (response.ok && cause === undefined) return body;
	const details = {
		status,
		retryable: response.ok || status === 408 || status === 429 || status >= 500,
		retryAfterMs: parseRetryAfter(response.headers.get('Retry-After')),
		cause,
	};
	const { code, detail } = (body ?? {}) as Partial<Problem>;
	if (typeof code === 'string') {
		throw new LikewireServerError(code, detail ?? `The gateway answered ${status}.`, details);
	}
	const message = `${url} answered ${status}, but is not a Likewire gateway.`;
	throw new LikewireServerError('unexpected_answer', message, details);
}
