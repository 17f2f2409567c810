import type { ErrorCode } from '@likewire/protocol';

/**
 * What can go wrong, by a stable code. In addition to the codes of the gateway:
 * - `network`: no answer came, or the stream broke;
 * - `timeout`: no answer, or no event on the stream, in time;
 * - `unexpected_answer`: a server answered that is not a Likewire gateway;
 * - `html_answer`: a server answered with a page, as captive portals do; `empty_answer`: with 204;
 * - `redirected`: the stream led to another origin than the configured one;
 * - `csp_forbidden`: the page's Content-Security-Policy forbids the gateway's address;
 * - `token_failed`: the `token` function threw, or returned no text;
 * - `queue_full`: 1,000 writes wait for their answer;
 * - `closed`: the client or the handle is closed;
 * - `invalid_option`: an option that the caller passed is not valid.
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

/** What a `LikewireError` holds in addition to its code and message. */
interface Details {
	/** Whether the same call may succeed later. Default: false. */
	readonly retryable?: boolean;
	/** How long to wait before the next attempt, in milliseconds. Default: unknown. */
	readonly retryAfterMs?: number | undefined;
	/** The error that caused this one, for logs. Default: none. */
	readonly cause?: unknown;
}

/**
 * The only class of error that this package throws. Branch on `code`, never on the message.
 *
 * @example
 * video.like().catch((error) => {
 *   if (error instanceof LikewireError && error.code === 'queue_full') …
 * });
 */
export class LikewireError extends Error {
	/** Separates it from other errors where `instanceof` cannot. */
	override readonly name = 'LikewireError';
	/** What happened: see {@link LikewireErrorCode}. */
	readonly code: LikewireErrorCode;
	/** Whether the same call may succeed later. */
	readonly retryable: boolean;
	/** How long the gateway asked to wait before the next attempt, in milliseconds; undefined: not at all. */
	readonly retryAfterMs: number | undefined;

	/** Public for tests of code that handles it; the package makes all others. */
	constructor(code: LikewireErrorCode, message: string, { retryable = false, retryAfterMs, cause }: Details = {}) {
		super(message, { cause });
		this.code = code;
		this.retryable = retryable;
		this.retryAfterMs = retryAfterMs;
	}
}

/** Returns whether the gateway refused the token or requires one, so that another token may pass. */
export function isUnauthorized({ code }: LikewireError): boolean {
	return code === 'unauthorized' || code === 'token_expired';
}

/** Creates an error that the next attempt may not meet. */
export function temporary(code: LikewireErrorCode, message: string, cause?: unknown): LikewireError {
	return new LikewireError(code, message, { retryable: true, cause });
}

/** Creates the error of calls on a closed client. */
export function closedError(): LikewireError {
	return new LikewireError('closed', 'The client was closed.');
}

/** Returns whether a network that holds back one transport may be the cause, so that another may pass. */
export function mayBeBlocked(error: unknown): boolean {
	return !(error instanceof LikewireError) || /^(network|timeout|.*_answer)$/.test(error.code);
}
