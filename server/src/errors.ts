import type { ErrorCode } from '@likewire/protocol';

/**
 * What can go wrong, by a stable code. Beside the codes of the gateway:
 * - `network`: no answer came;
 * - `timeout`: no answer came in time;
 * - `unexpected_answer`: something answered that is not a Likewire gateway;
 * - `invalid_option`: the caller passed a wrong value, or left out a key that the call needs.
 */
export type ServerErrorCode = ErrorCode | 'network' | 'timeout' | 'unexpected_answer' | 'invalid_option';

/** What a `LikewireServerError` says beside its code. */
interface Details {
	/** The HTTP status of the answer. Default: none came. */
	readonly status?: number | undefined;
	/** How long to wait before the next attempt, in milliseconds. Default: unknown. */
	readonly retryAfterMs?: number | undefined;
	/** Whether the same call may succeed later. Default: false. */
	readonly retryable?: boolean;
	/** What was thrown below, for logs. Default: none. */
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
	/** Tells it from other errors where `instanceof` cannot. */
	override readonly name = 'LikewireServerError';
	/** What happened, for programs: see {@link ServerErrorCode}. */
	readonly code: ServerErrorCode;
	/** The HTTP status of the answer; undefined when none came. */
	readonly status: number | undefined;
	/** The same call may succeed later. */
	readonly retryable: boolean;
	/** How long the gateway asks to wait before the next attempt, in milliseconds; undefined when it does not say. */
	readonly retryAfterMs: number | undefined;

	/** Made by this package; public for tests of code that handles it. */
	constructor(code: ServerErrorCode, message: string, details: Details = {}) {
		super(message, details.cause === undefined ? undefined : { cause: details.cause });
		this.code = code;
		this.status = details.status;
		this.retryable = details.retryable ?? false;
		this.retryAfterMs = details.retryAfterMs;
	}
}

/** The error for a caller's mistake. */
export function invalidOption(message: string, cause?: unknown): LikewireServerError {
	return new LikewireServerError('invalid_option', message, { cause });
}
