import type { Logger } from 'pino';
import { createAlarm, monotonicNow } from '../alarm.ts';
import type { View } from '../cluster/view.ts';
import type { Registers } from '../delivery/kind.ts';
import { PRESENCE, type Presence, presenceIn } from '../delivery/kinds/presence.ts';
import { NO_LIKES } from '../delivery/likes.ts';
import type { Registrations } from '../delivery/registration.ts';
import { topicOf } from '../delivery/topic.ts';
import type { Known, Updates } from '../delivery/update.ts';
import type { Values } from '../delivery/values.ts';
import { AudienceCounts } from './audience-counts.ts';
import { Dispatch, type DispatchCounters, type DispatchOptions, type Origin } from './dispatch.ts';
import { type PresenceCounters, type PresenceOptions, PresenceWatch } from './presence.ts';

/** Active topics are read from the store again so often, in milliseconds: heals news that were never published. */
export const REREAD_MS = 30_000;

/** Rows that were not renewed are looked for, and failed reads tried again, so often, in milliseconds. */
export const EXPIRE_MS = 5_000;

/** What is to be stored of who is there is stored so often, in milliseconds. */
const STORE_MS = 5_000;

/** What time alone makes due is looked for so often, in milliseconds, and whether this process stood still. */
const TICK_MS = 250;

export interface DispatcherOptions
	extends DispatchOptions,
		Pick<PresenceOptions, 'region' | 'isAbroad' | 'presenceMs' | 'presenceGraceMs'> {
	/** Keeps values in the store. */
	readonly keepValues: (values: ReadonlyMap<string, Values>) => Promise<void>;
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
	/** A frontend has connections of these people. */
	heartbeat(users: readonly string[]): void;
	/** Whether people that this dispatcher owns are there, by user. Rejects when the store cannot be read. */
	presenceOf(users: readonly string[]): Promise<ReadonlyMap<string, Presence>>;
	/** Rows on the subscription table: pairs of a topic and a frontend. */
	readonly rowCount: number;
	/** Updates that found no room. */
	readonly dropped: number;
	readonly counters: DispatchCounters & PresenceCounters;
	/** Hands what waits to the router, and stops. */
	close(): void;
	/** Stores what is to be stored. */
	store(): Promise<void>;
}

/** Knows which frontends have viewers of a topic, and brings news of it there. */
export function createDispatcher({ read, keepValues, onRouted, logger, ...options }: DispatcherOptions): Dispatcher {
	const { router } = options;
	const dispatch = new Dispatch(options);
	const parts = { ...options, dispatch, relay: (updates: Updates) => router.relay(updates) };
	const counts = new AudienceCounts(parts);
	const presence = new PresenceWatch(parts, monotonicNow());
	dispatch.table.onCount = (topic) => counts.changed(topic);
	dispatch.table.onDoubt = (topic) => {
		counts.doubt(topic);
		presence.doubt(topic, monotonicNow(), Date.now());
	};
	/** What of news of other regions is news here. */
	function hear(updates: Updates): Updates {
		const now = monotonicNow();
		return presence.abroad.hear(counts.hear(updates, now), now);
	}
	const alarm = createAlarm((now) => {
		const wallTime = Date.now();
		counts.run(now, wallTime);
		presence.run(now, wallTime);
		const topics = dispatch.takeReads();
		if (topics.length > 0) void load(topics);
		dispatch.fanOut(now);
		onRouted();
		return earliest(dispatch.dueAt, counts.dueAt, presence.dueAt);
	});
	const ticks = setInterval(alarm.wake, Math.min(TICK_MS, options.presenceGraceMs / 4));
	const storings = setInterval(() => void store(), STORE_MS);
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
			for (const topic of topics) {
				const stored = known.get(topic) ?? { rows: NO_LIKES };
				dispatch.loaded(topic, presence.complete(topic, stored, monotonicNow(), Date.now()), at);
			}
		} catch (err) {
			for (const topic of topics) dispatch.readFailed(topic);
			logger.warn({ err, topics: topics.length }, 'could not read topics from the store; they are read again');
		}
		alarm.wake();
	}

	let storing: Promise<void> | undefined;
	/** Stores what is to be stored, one batch after the other. */
	function store(): Promise<void> {
		storing ??= keep().finally(() => {
			storing = undefined;
		});
		return storing;
	}

	async function keep(): Promise<void> {
		for (let batch = presence.lastSeen.take(); batch !== undefined; batch = presence.lastSeen.take()) {
			try {
				await keepValues(batch);
			} catch (err) {
				presence.lastSeen.failed(batch);
				logger.debug({ err, users: batch.size }, 'who was there could not be stored; it is tried again');
				return;
			}
		}
	}

	return {
		publish(updates, origin) {
			dispatch.publish(hear(updates), origin);
			alarm.wake();
		},
		publishOwn(updates) {
			dispatch.publishOwn(hear(updates));
			alarm.wake();
		},
		subscribe(message) {
			presence.look(monotonicNow());
			dispatch.subscribe(message, monotonicNow());
			alarm.wake();
		},
		witness: (frontend, view) => dispatch.witness(frontend, view),
		setView(view) {
			dispatch.setView(view);
			counts.setView();
			presence.setView(monotonicNow());
			alarm.wake();
		},
		reread() {
			dispatch.reread();
			alarm.wake();
		},
		viewers: (topic) => counts.viewers(topic),
		heartbeat(users) {
			presence.heartbeat(users, monotonicNow(), Date.now());
			alarm.wake();
		},
		async presenceOf(users) {
			const answer = new Map<string, Presence>();
			const unknown: string[] = [];
			for (const user of users) {
				const known = presence.presenceOf(user);
				if (known === undefined) unknown.push(user);
				else answer.set(user, known);
			}
			if (unknown.length === 0) return answer;
			const stored = await read(unknown.map((user) => topicOf('user', user)));
			for (const user of unknown) {
				const topic = topicOf('user', user);
				const known = stored.get(topic) ?? { rows: NO_LIKES };
				const { values } = presence.complete(topic, known, monotonicNow(), Date.now());
				answer.set(user, presenceIn((values?.[PRESENCE.name] ?? {}) as Registers<Presence>));
			}
			return answer;
		},
		get rowCount() {
			return dispatch.table.rowCount;
		},
		get dropped() {
			return dispatch.dropped;
		},
		get counters() {
			return { ...dispatch.counters, ...presence.counters };
		},
		close() {
			clearInterval(ticks);
			clearInterval(storings);
			clearInterval(rereads);
			clearInterval(expiries);
			alarm.stop();
			dispatch.fanOut(Number.POSITIVE_INFINITY);
			onRouted();
		},
		store,
	};
}

/** The earliest of some times; undefined is never. */
function earliest(...times: readonly (number | undefined)[]): number | undefined {
	const known = times.filter((time) => time !== undefined);
	return known.length === 0 ? undefined : Math.min(...known);
}
