import type { LoggedEvent } from '../delivery/log.ts';
import { GatewayError } from '../errors.ts';
import type { LogStore } from '../store/log-store.ts';
import type { StoreHealth } from './store-health.ts';

/** After so many milliseconds it is looked again, each after the one before: for a second in all. */
const WAITS_MS = [25, 50, 100, 200, 300, 325];

/** So many may wait at a time; further ones are told at once that there is no such comment. */
const MAX_WAITING = 1_000;

export interface LateCommentsOptions {
	readonly store: Pick<LogStore, 'find'>;
	/** There are other regions; without them nothing comes late. */
	readonly isAbroad: boolean;
	readonly health: StoreHealth;
	/** Settles after so many milliseconds, or when `signal` is aborted; a timer by default. */
	readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Comments of other regions on their way here. Viewers are told of one by the dispatchers, and may answer it, like it or
 * delete it some milliseconds before the store of this region has it: what is not there yet is looked for again.
 */
export interface LateComments {
	/**
	 * What the store has by an id that it did not know just now, as soon as that comes; nothing when it does not within a
	 * second. Rejects with a {@link GatewayError}: `store_unavailable` or `shutting_down`.
	 */
	find(topic: string, id: string): Promise<readonly LoggedEvent[]>;
	/** Lets nobody wait any longer, and settles when the store is not asked any more. May be called twice. */
	close(): Promise<void>;
}

export function createLateComments(options: LateCommentsOptions): LateComments {
	const { store, isAbroad, health, wait = waitFor } = options;
	const closing = new AbortController();
	const waiting = new Set<Promise<unknown>>();

	async function look(topic: string, id: string): Promise<readonly LoggedEvent[]> {
		for (const ms of WAITS_MS) {
			await wait(ms, closing.signal);
			// It may come yet: who asks again, elsewhere, finds out.
			if (closing.signal.aborted) throw new GatewayError('shutting_down', 'This gateway is shutting down.');
			const found = await store.find(topic, id).catch((cause: unknown) => {
				throw health.failed(cause);
			});
			if (found.length > 0) return found;
		}
		return [];
	}

	return {
		async find(topic, id) {
			if (!isAbroad || waiting.size >= MAX_WAITING) return [];
			const found = look(topic, id);
			waiting.add(found);
			try {
				return await found;
			} finally {
				waiting.delete(found);
			}
		},

		async close() {
			closing.abort();
			await Promise.allSettled(waiting);
		},
	};
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const done = () => {
			clearTimeout(timer);
			signal.removeEventListener('abort', done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		signal.addEventListener('abort', done);
		if (signal.aborted) done();
	});
}
