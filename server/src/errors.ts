import type { ErrorCode } from '@likewire/protocol';

/**
 * A stable error code: a code of the gateway, or
 * - `network`: the gateway could not be reached;
 * - `timeout`: the gateway did not answer in time;
 * - `unexpected_answer`: the answer is not of a Likewire gateway;
 * - `invalid_option`: an option has a wrong value, or the call requires an option that is missing.
 */
export type ServerErrorCode = ErrorCode | 'network' | 'timeout' | 'unexpected_answer' | 'invalid_option';

/** The details of a `LikewireServerError`. */
interface Details {
	/** The HTTP status of the answer. Default: no answer. */
	readonly status?: number | undefined;
	/** The wait before the next attempt, in milliseconds. Default: unknown. */
	readonly retryAfterMs?: number | undefined;
	/** Whether the same call may succeed later. Default: false. */
	readonly retryable?: boolean;
	/** The underlying error, for logs. Default: none. */
	readonly cause?: unknown;
}

/**
 * The one error of this package. Branch on `code`, never on the message.
 *
 * @example
 * try {
 *   await server.end('v1');
 * } catch (error) {
 *   if (error instanceof LikewireServerError && error.code === 'forbidden') …
 * }
 */
export class LikewireServerError extends Error {
	/** Identifies the error when `instanceof` cannot. */
	override readonly name = 'LikewireServerError';
	/** The stable code: see {@link ServerErrorCode}. */
	readonly code: ServerErrorCode;
	/** The HTTP status of the answer; undefined without an answer. */
	readonly status: number | undefined;
	/** Whether the same call may succeed later. */
	readonly retryable: boolean;
	/** The requested wait before the next attempt, in milliseconds; undefined when the gateway requests none. */
	readonly retryAfterMs: number | undefined;

	/** For this package, and for tests of code that handles the error. */
	constructor(code: ServerErrorCode, message: string, details: Details = {}) {
		super(message, details.cause === undefined ? undefined : { cause: details.cause });
		this.code = code;
		this.status = details.status;
		this.retryable = details.retryable ?? false;
		this.retryAfterMs = details.retryAfterMs;
	}
}

/** Returns an error of the code `invalid_option`. */
export function invalidOption(message: string, cause?: unknown): LikewireServerError {
	return new LikewireServerError('invalid_option', message, { cause });
}
