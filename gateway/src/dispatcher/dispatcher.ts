import type { Logger } from 'pino';
import type { View } from '../cluster/membership/view.ts';
import { cutToAnswer } from '../cluster/rpc/batches.ts';
import { createRunLoop, monotonicNow } from '../runtime/run-loop.ts';
import type { Presence } from '../state/kinds/presence.ts';
import type { Values } from '../state/registers.ts';
import type { Registrations } from '../state/topics/registration.ts';
import { topicOf } from '../state/topics/topic.ts';
import type { Known, Updates } from '../state/update.ts';
import { DispatcherCore, type DispatcherCoreOptions, type Read } from './dispatcher-core.ts';
import type { DispatchCounters, Origin } from './fan-out/dispatch.ts';
import type { PresenceCounters } from './presence/presence-tracker.ts';

/** The period in which presence is stored, in milliseconds. */
export const STORE_MS = 5_000;

export interface DispatcherOptions extends DispatcherCoreOptions {
	/** Keeps values in the store. */
	readonly keepValues: (values: ReadonlyMap<string, Values>) => Promise<void>;
	/** What the store knows of some topics. */
	readonly read: (topics: readonly string[]) => Promise<ReadonlyMap<string, Known>>;
	/** The router has something to send. */
	readonly onRouted: () => void;
	readonly logger: Logger;
}

export interface Dispatcher {
	/** Updates from the Likes service or another dispatcher. */
	publish(updates: Updates, origin: Origin): void;
	/** Updates of topics that this dispatcher owns by the view of its own node. */
	publishOwn(updates: Updates): void;
	/** A frontend registers its topics. Returns the states that it lacks. */
	subscribe(message: Registrations): Updates;
	/** A frontend was heard to go by this view. */
	witness(frontend: string, view: string): void;
	setView(view: View): void;
	/** Asks for all active topics to be read from the store again. */
	reread(): void;
	/** Connections that follow the topic, in all regions. */
	viewers(topic: string): number;
	/** A frontend has connections of these users. */
	heartbeat(users: readonly string[]): void;
	/** Whether users that this dispatcher owns are online. Rejects when the store cannot be read. */
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

/** Knows which frontends have viewers of a topic, and sends them its updates. */
export function createDispatcher({ read, keepValues, onRouted, logger, ...options }: DispatcherOptions): Dispatcher {
	const core = new DispatcherCore({ ...options, cutAnswer: cutToAnswer() }, monotonicNow());
	const { dispatch, presence } = core;
	const alarm = createRunLoop((now) => {
		const topics = core.run(now, Date.now());
		if (topics.length > 0) void load(topics);
		onRouted();
		return core.dueAt;
	});
	const storings = setInterval(() => void store(), STORE_MS);
	alarm.wake();

	async function load(topics: readonly string[]): Promise<void> {
		const at = Date.now();
		let known: Read;
		try {
			known = await read(topics);
		} catch (err) {
			logger.warn({ err, topics: topics.length }, 'could not read topics from the store; they are read again');
		}
		core.loaded(topics, known, at, monotonicNow(), Date.now());
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
				logger.debug({ err, users: batch.size }, 'presence could not be stored; it is tried again');
				return;
			}
		}
	}

	return {
		publish(updates, origin) {
			core.publish(updates, origin, monotonicNow());
			alarm.wake();
		},
		publishOwn(updates) {
			core.publishOwn(updates, monotonicNow());
			alarm.wake();
		},
		subscribe(message) {
			const updates = core.subscribe(message, monotonicNow(), Date.now());
			alarm.wake();
			return updates;
		},
		witness: (frontend, view) => dispatch.witness(frontend, view),
		setView(view) {
			core.setView(view, monotonicNow());
			alarm.wake();
		},
		reread() {
			dispatch.reread();
			alarm.wake();
		},
		viewers: (topic) => core.counts.viewers(topic),
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
			for (const user of unknown) answer.set(user, core.presenceIn(stored, user, monotonicNow(), Date.now()));
			return answer;
		},
		get rowCount() {
			return dispatch.table.rowCount;
		},
		get dropped() {
			return dispatch.dropped;
		},
		get counters() {
			return core.counters;
		},
		close() {
			clearInterval(storings);
			alarm.stop();
			dispatch.fanOut(Number.POSITIVE_INFINITY);
			onRouted();
		},
		store,
	};
}
