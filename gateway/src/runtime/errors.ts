import { ERROR_STATUS, type ErrorCode } from '@likewire/protocol';

/** An error for clients: a stable code, and a sentence that is safe to show. */
export class GatewayError extends Error {
	override name = 'GatewayError';
	readonly code: ErrorCode;

	constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
		super(detail, options);
		this.code = code;
	}

	/** Its HTTP status. */
	get status(): number {
		return ERROR_STATUS[this.code];
	}
}

/** Returns the message of a thrown value, also of an `AggregateError`. */
export function messageOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	// An `AggregateError` for the unreachable addresses of a name has no message of its own.
	if (error.message === '' && error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
	return error.message;
}
