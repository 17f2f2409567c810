import type { ErrorCode } from '@likewire/protocol';

/**
 * What can go wrong, by a stable code. Beside the codes of the gateway:
 * - `network`: no answer came, or the stream broke;
 * - `timeout`: no answer, or nothing on the stream, in time;
 * - `unexpected_answer`: something answered that is not a Likewire gateway;
 * - `html_answer`: it answered with a page, as captive portals do; `empty_answer`: with 204;
 * - `redirected`: the stream was led to another origin than the one that was configured;
 * - `csp_forbidden`: the page's Content-Security-Policy forbids the gateway's address;
 * - `token_failed`: the `token` function threw, or gave no text;
 * - `queue_full`: too many writes wait for their answer;
 * - `closed`: the client or the handle was closed;
 * - `invalid_option`: a caller's mistake.
 */
export type LikewireErrorCode =
	| ErrorCode
	| 'network'
	| 'timeout'
	| 'unexpected_answer'
	| 'html_answer'
	| 'empty_answer'
	| 'redirected'
	| 'csp_forbidden'
	| 'token_failed'
	| 'queue_full'
	| 'closed'
	| 'invalid_option';

/** What a `LikewireError` says beside its code. */
interface Details {
	/** Whether the same call may succeed later. Default: false. */
	readonly retryable?: boolean;
	/** How long to wait before the next attempt, in milliseconds. Default: unknown. */
	readonly retryAfterMs?: number | undefined;
	/** What was thrown below, for logs. Default: none. */
	readonly cause?: unknown;
}

/**
 * The one error of this package. Branch on `code`, never on the message.
 *
 * @example
 * video.like().catch((error) => {
 *   if (error instanceof LikewireError && error.code === 'queue_full') …
 * });
 */
export class LikewireError extends Error {
	/** Tells it from other errors where `instanceof` cannot. */
	override readonly name = 'LikewireError';
	/** What happened, for programs: see {@link LikewireErrorCode}. */
	readonly code: LikewireErrorCode;
	/** The same call may succeed later. */
	readonly retryable: boolean;
	/** How long the gateway asked to wait before the next attempt, in milliseconds; undefined when it did not say. */
	readonly retryAfterMs: number | undefined;

	/** Made by this package; public for tests of code that handles it. */
	constructor(code: LikewireErrorCode, message: string, { retryable = false, retryAfterMs, cause }: Details = {}) {
		super(message, { cause });
		this.code = code;
		this.retryable = retryable;
		this.retryAfterMs = retryAfterMs;
	}
}

/** The gateway did not take the token, or wants one: another may do. */
export function isUnauthorized({ code }: LikewireError): boolean {
	return code === 'unauthorized' || code === 'token_expired';
}

/** An error that may be over at the next attempt. */
export function temporary(code: LikewireErrorCode, message: string, cause?: unknown): LikewireError {
	return new LikewireError(code, message, { retryable: true, cause });
}

/** What calls of a client that was closed come to. */
export function closedError(): LikewireError {
	return new LikewireError('closed', 'The client was closed.');
}

/** Whether a network that holds back one kind of stream may be the cause, so that another kind may come through. */
export function mayBeBlocked(error: unknown): boolean {
	return !(error instanceof LikewireError) || /^(network|timeout|.*_answer)$/.test(error.code);
}
