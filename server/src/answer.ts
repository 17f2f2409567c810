import type { Problem } from '@likewire/protocol';
import { LikewireServerError } from './errors.ts';

/** The value of a `Retry-After` header in milliseconds: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function parseRetryAfter(value: string | null): number | undefined {
	if (value === null) return undefined;
	const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
	return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}

/**
 * Reads an answer of a gateway as JSON.
 *
 * @throws {LikewireServerError} the gateway's code; `unexpected_answer` for what no gateway says.
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
	const message = `${url} answered ${status}, but not as a Likewire gateway does.`;
	throw new LikewireServerError('unexpected_answer', message, details);
}
