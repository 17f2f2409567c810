import type { Logger } from 'pino';
import { createAlarm, monotonicNow } from '../alarm.ts';
import type { View } from '../cluster/view.ts';
import { NO_LIKES } from '../delivery/likes.ts';
import type { Registrations } from '../delivery/registration.ts';
import type { Known, Updates } from '../delivery/update.ts';
import { AudienceCounts } from './audience-counts.ts';
import { Dispatch, type DispatchCounters, type DispatchOptions, type Origin } from './dispatch.ts';

/** Active topics are read from the store again so often, in milliseconds: heals news that were never published. */
export const REREAD_MS = 30_000;

/** Rows that were not renewed are looked for, and failed reads tried again, so often, in milliseconds. */
export const EXPIRE_MS = 5_000;

/** What time alone makes due is looked for so often, in milliseconds, and whether this process stood still. */
const TICK_MS = 250;

export interface DispatcherOptions extends DispatchOptions {
	/** The region of this node. */
	readonly region: string;
	/** There are other regions. */
	readonly isAbroad: boolean;
	/** What the store knows of some topics. */
	readonly read: (topics: readonly string[]) => Promise<ReadonlyMap<string, Known>>;
	/** The router has something to send. */
	readonly onRouted: () => void;
	readonly logger: Logger;
}

export interface Dispatcher {
	/** News that came from the Likes service or another dispatcher. */
	publish(updates: Updates, origin: Origin): void;
	/** News of topics that this dispatcher owns by the view of its own node. */
	publishOwn(updates: Updates): void;
	subscribe(message: Registrations): void;
	/** A frontend was heard to go by this view. */
	witness(frontend: string, view: string): void;
	setView(view: View): void;
	/** Asks for all active topics to be read from the store again. */
	reread(): void;
	/** Connections that follow the topic, in all regions. */
	viewers(topic: string): number;
	/** Rows on the subscription table: pairs of a topic and a frontend. */
	readonly rowCount: number;
	/** Updates that found no room. */
	readonly dropped: number;
	readonly counters: DispatchCounters;
	/** Hands what waits to the router, and stops. */
	close(): void;
}

/** Knows which frontends have viewers of a topic, and brings news of it there. */
export function createDispatcher({ read, onRouted, logger, ...options }: DispatcherOptions): Dispatcher {
	const { router } = options;
	const dispatch = new Dispatch(options);
	const counts = new AudienceCounts({ ...options, dispatch, relay: (updates) => router.relay(updates) });
	dispatch.table.onCount = (topic) => counts.changed(topic);
	dispatch.table.onDoubt = (topic) => counts.doubt(topic);
	const alarm = createAlarm((now) => {
		counts.run(now, Date.now());
		const topics = dispatch.takeReads();
		if (topics.length > 0) void load(topics);
		dispatch.fanOut(now);
		onRouted();
		return earliest(dispatch.dueAt, counts.dueAt);
	});
	const ticks = setInterval(alarm.wake, TICK_MS);
	const rereads = setInterval(() => {
		dispatch.reread();
		alarm.wake();
	}, REREAD_MS);
	const expiries = setInterval(() => {
		dispatch.expire(monotonicNow());
		alarm.wake();
	}, EXPIRE_MS);

	async function load(topics: readonly string[]): Promise<void> {
		try {
			const at = Date.now();
			const known = await read(topics);
			for (const topic of topics) dispatch.loaded(topic, known.get(topic) ?? { rows: NO_LIKES }, at);
		} catch (err) {
			for (const topic of topics) dispatch.readFailed(topic);
			logger.warn({ err, topics: topics.length }, 'could not read topics from the store; they are read again');
		}
		alarm.wake();
	}

	return {
		publish(updates, origin) {
			dispatch.publish(counts.hear(updates, monotonicNow()), origin);
			alarm.wake();
		},
		publishOwn(updates) {
			dispatch.publishOwn(counts.hear(updates, monotonicNow()));
			alarm.wake();
		},
		subscribe(message) {
			dispatch.subscribe(message, monotonicNow());
			alarm.wake();
		},
		witness: (frontend, view) => dispatch.witness(frontend, view),
		setView(view) {
			dispatch.setView(view);
			counts.setView();
			alarm.wake();
		},
		reread() {
			dispatch.reread();
			alarm.wake();
		},
		viewers: (topic) => counts.viewers(topic),
		get rowCount() {
			return dispatch.table.rowCount;
		},
		get dropped() {
			return dispatch.dropped;
		},
		get counters() {
			return dispatch.counters;
		},
		close() {
			clearInterval(ticks);
			clearInterval(rereads);
			clearInterval(expiries);
			alarm.stop();
			dispatch.fanOut(Number.POSITIVE_INFINITY);
			onRouted();
		},
	};
}

/** The earliest of some times; undefined is never. */
function earliest(...times: readonly (number | undefined)[]): number | undefined {
	const known = times.filter((time) => time !== undefined);
	return known.length === 0 ? undefined : Math.min(...known);
}
