import type { Logger } from 'pino';
import { createAlarm, monotonicNow } from '../alarm.ts';
import type { LikesRows } from '../delivery/likes.ts';
import type { Registrations } from '../delivery/registration.ts';
import type { Updates } from '../delivery/update.ts';
import { Dispatch } from './dispatch.ts';

/** Active topics are read from the store again so often, in milliseconds: heals news that were never published. */
export const REREAD_MS = 30_000;

/** Rows that were not renewed are looked for so often, in milliseconds. */
export const EXPIRE_MS = 5_000;

export interface DispatcherOptions {
	/** At most one batch leaves for a frontend in it, in milliseconds; 0 in one process, where a batch is a call. */
	readonly outboxWindowMs: number;
	/** What the store knows of some topics. */
	readonly read: (topics: readonly string[]) => Promise<ReadonlyMap<string, LikesRows>>;
	/** Hands a batch to a frontend. */
	readonly deliver: (frontend: string, updates: Updates) => void;
	readonly logger: Logger;
}

export interface Dispatcher {
	publish(updates: Updates): void;
	subscribe(message: Registrations): void;
	/** Connections that follow the topic. */
	viewers(topic: string): number;
	/** Topics on the subscription table. */
	readonly rowCount: number;
	/** Updates that found no room on their way to a frontend. */
	readonly dropped: number;
	/** Delivers what waits, and stops. */
	close(): void;
}

/** Knows which frontends have viewers of a topic, and brings news of it there. */
export function createDispatcher({ outboxWindowMs, read, deliver, logger }: DispatcherOptions): Dispatcher {
	const dispatch = new Dispatch(outboxWindowMs);
	const alarm = createAlarm((now) => {
		const topics = dispatch.takeReads();
		if (topics.length > 0) void load(topics);
		deliverDue(now);
		return dispatch.dueAt;
	});
	const rereads = setInterval(() => {
		dispatch.reread();
		alarm.wake();
	}, REREAD_MS);
	const expiries = setInterval(() => dispatch.expire(monotonicNow()), EXPIRE_MS);

	function deliverDue(now: number): void {
		for (const { frontend, updates } of dispatch.takeDeliveries(now)) deliver(frontend, updates);
	}

	async function load(topics: readonly string[]): Promise<void> {
		try {
			const at = Date.now();
			const rows = await read(topics);
			for (const topic of topics) dispatch.loaded(topic, rows.get(topic) ?? {}, at);
		} catch (err) {
			for (const topic of topics) dispatch.readFailed(topic);
			logger.warn({ err, topics: topics.length }, 'could not read topics from the store; the next digest asks again');
		}
		alarm.wake();
	}

	return {
		publish(updates) {
			dispatch.publish(updates);
			alarm.wake();
		},
		subscribe(message) {
			dispatch.subscribe(message, monotonicNow());
			alarm.wake();
		},
		viewers: (topic) => dispatch.table.viewers(topic),
		get rowCount() {
			return dispatch.table.size;
		},
		get dropped() {
			return dispatch.dropped;
		},
		close() {
			clearInterval(rereads);
			clearInterval(expiries);
			alarm.stop();
			deliverDue(Number.POSITIVE_INFINITY);
		},
	};
}
