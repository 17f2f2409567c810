import type { ErrorCode } from '@likewire/protocol';
import type { Logger } from 'pino';
import { monotonicNow } from '../runtime/clock.ts';
import { GatewayError } from '../runtime/errors.ts';
import { OnceAMinute } from '../runtime/once-a-minute.ts';

/**
 * Reasons of refused requests, of viewers, servers and other nodes. Stable, since operators count by
 * them.
 */
export const REJECTION_REASONS = [
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
	'conversation_forbidden',
	'presence_forbidden',
	'topic_forbidden',
	'host_forbidden',
	'origin_forbidden',
	'proxy_forbidden',
	'body_too_large',
	'peer_protocol',
	'peer_secret',
	'peer_unknown',
	'peer_double',
	'peer_stale',
	'peer_clock',
	'peer_view',
	'peer_role',
	'peer_message',
	'peer_identity',
	'peer_region_own',
	'peer_region_unknown',
	'peer_region_other',
	'peer_rows',
	'peer_epoch',
] as const;

export type RejectionReason = (typeof REJECTION_REASONS)[number];

/**
 * A request that the gateway refuses and counts, for its sender or for content that no client of ours
 * sends.
 */
export class Rejection extends GatewayError {
	override name = 'Rejection';
	readonly reason: RejectionReason;

	constructor(code: ErrorCode, reason: RejectionReason, detail: string, options?: ErrorOptions) {
		super(code, detail, options);
		this.reason = reason;
	}
}

/** Counts refusals, and logs them for operators. */
export interface Rejections {
	/** The number of refusals for each reason since the start. */
	readonly counts: Readonly<Record<RejectionReason, number>>;
	/** Counts and logs a refusal at a route: `/v1/videos/:video/likes`. `now` is the monotonic clock. */
	note(refusal: Pick<Rejection, 'reason' | 'message'>, route: string, now?: number): void;
	/** Counts a refusal that another component logs. */
	count(reason: RejectionReason): void;
}

/**
 * Logs the first refusal for a reason, then at most one a minute, with the count; of the request only
 * its route.
 */
export function createRejections(logger: Logger): Rejections {
	const counts = Object.fromEntries(REJECTION_REASONS.map((reason) => [reason, 0])) as Record<RejectionReason, number>;
	/** Bounded, since strangers decide how often each reason occurs. */
	const lines = new OnceAMinute<RejectionReason>();
	return {
		get counts() {
			return { ...counts };
		},
		note({ reason, message: detail }, route, now = monotonicNow()) {
			counts[reason]++;
			if (!lines.admits(reason, now)) return;
			// Strangers always try; a refused node is a mistake of an operator.
			const level = reason.startsWith('peer_') ? 'error' : 'info';
			logger[level]({ reason, route, count: counts[reason], detail }, 'requests are refused');
		},
		count(reason) {
			counts[reason]++;
		},
	};
}
