import { ERROR_STATUS, type ErrorCode } from '@likewire/protocol';

/** An error that a client is told: a stable code, and a sentence that is safe to show. */
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

/** What an error says, also one that is no `Error`, or stands for several. */
export function messageOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	// One for each address of a name, none of which could be reached; it has no message of its own.
	if (error.message === '' && error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
	return error.message;
}
