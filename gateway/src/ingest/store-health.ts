import type { Logger } from 'pino';
import { GatewayError } from '../runtime/errors.ts';
import { monotonicNow } from '../runtime/run-loop.ts';
import { type Store, StoreError } from '../store/store.ts';

/** After a failure of the store the node asks for no traffic for so long, in milliseconds; then a write may try it. */
const PAUSE_MS = 5_000;

/** Whether the store works, as all who write into it see it. */
export interface StoreHealth {
	/** False while the store is away, and after a failure for a while or until something worked. */
	readonly healthy: boolean;
	/** The store did what it was asked to write. */
	worked(): void;
	/** It did not; the answer for whoever asked. What they are to be told of already goes through as it is. */
	failed(cause: unknown): GatewayError;
}

export function createStoreHealth(store: Pick<Store, 'available'>, logger: Logger): StoreHealth {
	/** When the store last failed; undefined since it last worked. */
	let failedAt: number | undefined;
	return {
		get healthy() {
			return store.available && (failedAt === undefined || monotonicNow() - failedAt > PAUSE_MS);
		},
		worked() {
			if (failedAt !== undefined) logger.warn('the store works again');
			failedAt = undefined;
		},
		failed(cause) {
			if (cause instanceof GatewayError) return cause;
			// The store works: taking the node out of service would let one request stop all others.
			if (cause instanceof StoreError && cause.isRefusal) {
				// In a batch of likes it is the answer to one of them, which no request fails with.
				logger.error({ err: cause }, 'the store refuses what it was asked to write');
				return new GatewayError('internal_error', 'The store refuses this request; the log has its reason.', { cause });
			}
			if (failedAt === undefined) logger.error({ err: cause }, 'the store does not work; writes are refused');
			failedAt = monotonicNow();
			const detail = 'The store cannot be used now. Try again: what is sent twice with one id counts once.';
			return new GatewayError('store_unavailable', detail, { cause });
		},
	};
}
