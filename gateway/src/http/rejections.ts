import type { ErrorCode } from '@likewire/protocol';
import type { Logger } from 'pino';
import { GatewayError } from '../runtime/errors.ts';
import { OnceAMinute } from '../runtime/once-a-minute.ts';
import { monotonicNow } from '../runtime/run-loop.ts';

/** Why requests are refused, of viewers, servers and other nodes. Stable: operators count by them. */
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

/** A request that is refused and counted, for who sends it or for what no client of ours would send. */
export class Rejection extends GatewayError {
	override name = 'Rejection';
	readonly reason: RejectionReason;

	constructor(code: ErrorCode, reason: RejectionReason, detail: string, options?: ErrorOptions) {
		super(code, detail, options);
		this.reason = reason;
	}
}

/** Counts refusals, and tells operators of them. */
export interface Rejections {
	/** How many there were for each reason since the start. */
	readonly counts: Readonly<Record<RejectionReason, number>>;
	/** One happened, at a route: `/v1/videos/:video/likes`. `now` is by the monotonic clock. */
	note(refusal: Pick<Rejection, 'reason' | 'message'>, route: string, now?: number): void;
	/** One happened, and somebody else tells operators of it. */
	count(reason: RejectionReason): void;
}

/** Logs the first refusal for a reason, then at most one a minute, with the count; nothing of the request but its route. */
export function createRejections(logger: Logger): Rejections {
	const counts = Object.fromEntries(REJECTION_REASONS.map((reason) => [reason, 0])) as Record<RejectionReason, number>;
	/** Strangers decide how often each reason occurs. */
	const lines = new OnceAMinute<RejectionReason>();
	return {
		get counts() {
			return { ...counts };
		},
		note({ reason, message: detail }, route, now = monotonicNow()) {
			counts[reason]++;
			if (!lines.admits(reason, now)) return;
			// Strangers always try; a node that is refused is a mistake of somebody here.
			const level = reason.startsWith('peer_') ? 'error' : 'info';
			logger[level]({ reason, route, count: counts[reason], detail }, 'requests are refused');
		},
		count(reason) {
			counts[reason]++;
		},
	};
}
