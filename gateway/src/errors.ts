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
