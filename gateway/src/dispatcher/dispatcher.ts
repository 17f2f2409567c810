import type { Logger } from 'pino';
import type { View } from '../cluster/membership/view.ts';
import { cutToAnswer } from '../cluster/rpc/batches.ts';
import { type Clock, REAL_CLOCK } from '../runtime/clock.ts';
import { createRunLoop } from '../runtime/run-loop.ts';
import { createUtilizationMeter, type UtilizationMeter } from '../runtime/utilization.ts';
import type { Presence } from '../state/kinds/presence.ts';
import type { Values } from '../state/registers.ts';
import type { RegistrationAnswer, Registrations } from '../state/topics/registration.ts';
import { topicOf } from '../state/topics/topic.ts';
import type { Known, Updates } from '../state/update.ts';
import { DispatcherCore, type DispatcherCoreOptions, type Read } from './dispatcher-core.ts';
import { ADJUST_MS } from './fan-out/busy-window.ts';
import type { DispatchCounters, Origin } from './fan-out/dispatch.ts';
import type { PresenceCounters } from './presence/presence-tracker.ts';

/** The period in which presence is stored, in milliseconds. */
export const STORE_MS = 5_000;

export interface DispatcherOptions extends DispatcherCoreOptions {
	/** Stores registers. */
	readonly keepValues: (values: ReadonlyMap<string, Values>) => Promise<void>;
	/** Reads the state of topics from the store. */
	readonly read: (topics: readonly string[]) => Promise<ReadonlyMap<string, Known>>;
	/** Called when the router may have batches to send. */
	readonly onRouted: () => void;
	/** Measures the event loop. */
	readonly utilization?: UtilizationMeter;
	readonly clock?: Clock;
	readonly logger: Logger;
}

export interface Dispatcher {
	/** The state machine, which a simulation watches. */
	readonly core: DispatcherCore;
	/** Takes updates from the Likes service or another dispatcher. */
	publish(updates: Updates, origin: Origin): void;
	/** Takes updates of topics that this dispatcher owns by the view of its own node. */
	publishOwn(updates: Updates): void;
	/** Registers the topics of a frontend. Returns what the frontend does not have. */
	subscribe(message: Registrations): RegistrationAnswer;
	/** Notes the view that a frontend named in a message. */
	witness(frontend: string, view: string): void;
	setView(view: View): void;
	/** Reads all active topics from the store again. */
	reread(): void;
	/** Returns the number of connections that follow the topic, in all regions. */
	viewers(topic: string): number;
	/** Takes a heartbeat: a frontend has connections of these users. */
	heartbeat(users: readonly string[]): void;
	/** Resolves with the presence of owned users. Rejects when a read of the store fails. */
	presenceOf(users: readonly string[]): Promise<ReadonlyMap<string, Presence>>;
	/** The number of rows of the subscription table: pairs of a topic and a frontend. */
	readonly rowCount: number;
	/** The number of updates that found no room. */
	readonly dropped: number;
	readonly counters: DispatchCounters & PresenceCounters;
	/** Hands all waiting updates to the router, and stops. */
	close(): void;
	/** Stores the presence that waits for the store. */
	store(): Promise<void>;
}

/** Creates a dispatcher, which sends the updates of a topic to the frontends with its viewers. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
	const { read, keepValues, onRouted, utilization = createUtilizationMeter(), clock = REAL_CLOCK, logger } = options;
	const core = new DispatcherCore({ ...options, cutAnswer: cutToAnswer() }, clock.now());
	const { dispatch, presence } = core;
	const loop = createRunLoop((now) => {
		const topics = core.run(now, clock.wallTime());
		if (topics.length > 0) void load(topics);
		onRouted();
		return core.dueAt;
	}, clock);
	const adjustments = clock.every(ADJUST_MS, () => dispatch.adjust(utilization()));
	const storings = clock.every(STORE_MS, () => void store());
	loop.wake();

	async function load(topics: readonly string[]): Promise<void> {
		const at = clock.wallTime();
		let known: Read;
		try {
			known = await read(topics);
		} catch (err) {
			logger.warn({ err, topics: topics.length }, 'read of topics failed; retried');
		}
		// mutant: notes-failed-read
		core.loaded(topics, known, at, clock.now(), clock.wallTime());
		loop.wake();
	}

	let isClosed = false;
	let storing: Promise<void> | undefined;
	/** Stores the presence that waits, one batch after another. */
	function store(): Promise<void> {
		storing ??= keep().finally(() => {
			storing = undefined;
		});
		return storing;
	}

	/** Returns the presence to store next. What waited during a stall may be out of date. */
	function takeBatch(): ReadonlyMap<string, Values> | undefined {
		// A dispatcher that is closed does not run: that is no stall.
		// mutant: looks-before-storing
		if (!isClosed) presence.look(clock.now());
		return presence.lastSeen.take();
	}

	async function keep(): Promise<void> {
		for (let batch = takeBatch(); batch !== undefined; batch = takeBatch()) {
			try {
				await keepValues(batch);
			} catch (err) {
				presence.lastSeen.failed(batch);
				logger.debug({ err, users: batch.size }, 'write of presence failed; retried');
				return;
			}
		}
	}

	return {
		core,
		publish(updates, origin) {
			core.publish(updates, origin, clock.now());
			loop.wake();
		},
		publishOwn(updates) {
			core.publishOwn(updates, clock.now());
			loop.wake();
		},
		subscribe(message) {
			const answer = core.subscribe(message, clock.now(), clock.wallTime());
			loop.wake();
			return answer;
		},
		witness: (frontend, view) => dispatch.witness(frontend, view),
		setView(view) {
			core.setView(view, clock.now());
			loop.wake();
		},
		reread() {
			dispatch.reread();
			loop.wake();
		},
		viewers: (topic) => core.counts.viewers(topic),
		heartbeat(users) {
			presence.heartbeat(users, clock.now(), clock.wallTime());
			loop.wake();
		},
		async presenceOf(users) {
			presence.look(clock.now());
			const presences = new Map<string, Presence>();
			const unknown: string[] = [];
			for (const user of users) {
				const known = presence.presenceOf(user);
				if (known === undefined) unknown.push(user);
				else presences.set(user, known);
			}
			if (unknown.length === 0) return presences;
			const stored = await read(unknown.map((user) => topicOf('user', user)));
			for (const user of unknown) presences.set(user, core.presenceIn(stored, user, clock.now(), clock.wallTime()));
			return presences;
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
			isClosed = true;
			clock.cancel(adjustments);
			clock.cancel(storings);
			loop.stop();
			dispatch.fanOut(Number.POSITIVE_INFINITY);
			onRouted();
		},
		store,
	};
}
