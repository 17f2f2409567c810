import type { ErrorCode } from '@likewire/protocol';
import type { Logger } from 'pino';
import { monotonicNow } from '../alarm.ts';
import { GatewayError } from '../errors.ts';

/** Why requests are refused for who sends them. Stable: operators count by them. */
export const REFUSAL_REASONS = [
	'token_missing',
	'token_ambiguous',
	'token_malformed',
	'token_algorithm',
	'token_signature',
	'token_expired',
	'token_early',
	'token_claims',
	'caller_malformed',
	'action_forbidden',
	'video_forbidden',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** A request that is refused for who sends it. */
export class Refusal extends GatewayError {
	override name = 'Refusal';
	readonly reason: RefusalReason;

	constructor(
		code: Extract<ErrorCode, 'unauthorized' | 'token_expired' | 'forbidden'>,
		reason: RefusalReason,
		detail: string,
		options?: ErrorOptions,
	) {
		super(code, detail, options);
		this.reason = reason;
	}
}

/** Each reason is logged so often at the most, in milliseconds: strangers decide how often it occurs. */
const LOG_INTERVAL_MS = 60_000;

/** Counts refusals, and tells operators of them. */
export interface Refusals {
	/** How many there were for each reason since the start. */
	readonly counts: Readonly<Record<RefusalReason, number>>;
	/** One happened, at a route: `/v1/videos/:video/likes`. `now` is by the monotonic clock. */
	note(reason: RefusalReason, route: string, now?: number): void;
}

/** Logs the first refusal for a reason, then at most one a minute, with the count; nothing of the request but its route. */
export function createRefusals(logger: Logger): Refusals {
	const counts = Object.fromEntries(REFUSAL_REASONS.map((reason) => [reason, 0])) as Record<RefusalReason, number>;
	const loggedAt = new Map<RefusalReason, number>();
	return {
		get counts() {
			return { ...counts };
		},
		note(reason, route, now = monotonicNow()) {
			counts[reason]++;
			if (now - (loggedAt.get(reason) ?? Number.NEGATIVE_INFINITY) < LOG_INTERVAL_MS) return;
			loggedAt.set(reason, now);
			logger.info({ reason, route, count: counts[reason] }, 'requests are refused');
		},
	};
}
