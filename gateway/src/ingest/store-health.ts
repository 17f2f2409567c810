import type { Logger } from 'pino';
import { type Clock, REAL_CLOCK } from '../runtime/clock.ts';
import { GatewayError } from '../runtime/errors.ts';
import { type Store, StoreError } from '../store/store.ts';

/** The time after a failure in which the node is not healthy, in milliseconds. */
const PAUSE_MS = 5_000;

/** The health of the store, from the results of all writes. */
export interface StoreHealth {
	/** False without the store, and for 5 s after a failure or until a write succeeds. */
	readonly healthy: boolean;
	/** Notes a successful write. */
	worked(): void;
	/** Notes a failure, and returns the error for the caller. A {@link GatewayError} is returned unchanged. */
	failed(cause: unknown): GatewayError;
}

export function createStoreHealth(
	store: Pick<Store, 'available'>,
	logger: Logger,
	clock: Pick<Clock, 'now'> = REAL_CLOCK,
): StoreHealth {
	/** When the store last failed; undefined since it last worked. */
	let failedAt: number | undefined;
	return {
		get healthy() {
			return store.available && (failedAt === undefined || clock.now() - failedAt > PAUSE_MS);
		},
		worked() {
			if (failedAt !== undefined) logger.warn('store available again');
			failedAt = undefined;
		},
		failed(cause) {
			if (cause instanceof GatewayError) return cause;
			// The store works: one refused request must not take the node out of service.
			if (cause instanceof StoreError && cause.isRefusal) {
				// In a batch of likes one of them gets this error: no request fails, so nothing else would log it.
				logger.error({ err: cause }, 'write rejected by the store');
				return new GatewayError('internal_error', 'The store refuses this request; the log has its reason.', { cause });
			}
			if (failedAt === undefined) logger.error({ err: cause }, 'store unavailable; writes rejected');
			failedAt = clock.now();
			return new GatewayError('store_unavailable', 'The store is unavailable; retry with the same id.', { cause });
		},
	};
}
