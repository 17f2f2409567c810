import type { Logger } from 'pino';
import type { Ring } from '../cluster/membership/ring.ts';
import { PeerError, PeerFailedError, PeerTooLongError } from '../cluster/rpc/peer-client.ts';
import { byeFrame, jitteredRetryMs, shutdownFrame } from '../http/stream/stream-close.ts';
import { REAL_CLOCK } from '../runtime/clock.ts';
import { GatewayError } from '../runtime/errors.ts';
import { createIdleWait } from '../runtime/idle-wait.ts';
import { createRunLoop } from '../runtime/run-loop.ts';
import type { RegistrationAnswer, Registrations } from '../state/topics/registration.ts';
import type { Updates } from '../state/update.ts';
import type { LogStore } from '../store/log-store.ts';
import { type Connections, type ConnectionsOptions, createConnections } from './connections/connections.ts';
import { checkTopicCount } from './connections/followed.ts';
import { DIGEST_MS, FrontendCore, type FrontendCoreOptions, LAST_MESSAGES_MS, TICK_MS } from './frontend-core.ts';
import { degradationOf } from './load/load-level.ts';
import { createLoadMonitor, type LoadReport, type LoopMeter } from './load/load-monitor.ts';
import { createPolls, type Polls, type PollWish } from './polls.ts';
import { createPresenceReporter } from './presence/presence-reporter.ts';
import type { RegistrationMessage } from './subscriptions/subscription-sync.ts';
import type { TopicFetch } from './topic/topic-table.ts';

export interface FrontendOptions
	extends Omit<FrontendCoreOptions, 'lifetimeBye' | 'shutdownBye' | 'onUser'>,
		Omit<ConnectionsOptions, 'hub' | 'wake'> {
	/** The time between two polls of a client without a stream, in milliseconds; longer under load. */
	readonly pollMs: number;
	/** Registers topics with a dispatcher. Resolves with what this frontend misses. */
	readonly subscribe: (dispatcher: string, message: Registrations) => Promise<RegistrationAnswer>;
	/**
	 * The period of the heartbeats of each user, in milliseconds, and the time by which a heartbeat may be
	 * late.
	 */
	readonly presenceMs: number;
	readonly presenceGraceMs: number;
	/** Sends heartbeats of users to a dispatcher. Rejects when they may not have arrived. */
	readonly heartbeat: (dispatcher: string, users: readonly string[]) => Promise<void>;
	/** Reads events of a log from the store of the region. */
	readonly events: LogStore['events'];
	/** The most viewers that get frames in one turn of the event loop. */
	readonly turnBudget?: number;
	/** How late and how busy the event loop is; that of this process by default. */
	readonly loopMeter?: LoopMeter;
	readonly logger: Logger;
}

/** The viewers of this node. While it drains, `connect` and `poll` throw `shutting_down`. */
export interface Frontend extends Connections {
	/** The state machine, which a simulation watches. */
	readonly core: FrontendCore;
	/** Runs the state machine in the next turn of the event loop. */
	wake(): void;
	/**
	 * Resolves with the events that a stream with this wish begins with. Rejects with a {@link
	 * GatewayError} when it cannot read them.
	 */
	poll(wish: PollWish): ReturnType<Polls['read']>;
	/** Takes updates of a dispatcher. */
	deliver(updates: Updates): void;
	/** Registers topics whose owners changed. */
	setRing(ring: Ring): void;
	readonly connectionCount: number;
	readonly topicCount: number;
	/** The load of this frontend, and what it leaves out. */
	readonly load: LoadReport;
	/** Sends heartbeats of all users at once, since their owners may have changed. */
	repeatHeartbeats(): void;
	/** Whether it drains and takes no new viewers. */
	readonly draining: boolean;
	/** Returns the last frame of a viewer that must reconnect soon, through another frontend. */
	closeFrame(): Uint8Array;
	/**
	 * Takes no new viewers, and ends all connections, spread over at most `spreadMs`: each gets what is
	 * pending, and a `bye`. Settles when the dispatchers know, or at most 6 s after `spreadMs`.
	 */
	drain(spreadMs: number): Promise<void>;
	close(): void;
}

/** Creates the frontend of a node. */
export function createFrontend(options: FrontendOptions): Frontend {
	const { retryMs, turnBudget, clock = REAL_CLOCK, logger } = options;
	const presenceReporter = createPresenceReporter({ ...options, sendHeartbeats: options.heartbeat });
	const core = new FrontendCore({
		...options,
		lifetimeBye: () => byeFrame({ reason: 'lifetime', retryMs: jitteredRetryMs(retryMs) }),
		shutdownBye: () => shutdownFrame(retryMs),
		onUser: presenceReporter.present,
	});
	const { hub, subscriptionSync } = core;
	const emptied = createIdleWait(() => core.isEmptied, clock);
	/** Settles when every dispatcher has all topics. */
	const registered = createIdleWait(() => subscriptionSync.isIdle, clock);
	const { wake, stop } = createRunLoop((now) => {
		const { fetches, registrations, dueAt } = core.run(now, turnBudget);
		for (const fetch of fetches) void load(fetch);
		for (const registration of registrations) void register(registration);
		emptied.look();
		registered.look();
		return dueAt;
	}, clock);
	const register = createRegister(core, options, wake);
	const load = createLoad(core, options, wake);
	const loadMonitor = createLoadMonitor(hub, logger, options.loopMeter);
	const connections = createConnections({ ...options, hub, wake });
	const intervalMs = () => options.pollMs * degradationOf(loadMonitor.report.level).pollFactor;
	const polls = createPolls({ core, region: options.region, wake, intervalMs, clock });
	const ticks = clock.every(TICK_MS, () => {
		const now = clock.now();
		core.tick(now, clock.wallTime());
		loadMonitor.look(now);
		wake();
	});
	const digests = clock.every(DIGEST_MS, () => {
		core.digest();
		wake();
	});
	wake();

	return {
		...connections,
		core,
		wake,
		get connectionCount() {
			return hub.connectionCount;
		},
		get topicCount() {
			return hub.topics.size;
		},
		get load() {
			return loadMonitor.report;
		},
		get draining() {
			return core.isDraining;
		},
		closeFrame: () => shutdownFrame(retryMs),
		connect(wish, open) {
			if (core.isDraining) throw shuttingDown();
			connections.connect(wish, open);
		},
		async poll(wish) {
			checkTopicCount(wish.topics.length);
			if (core.isDraining) throw shuttingDown();
			return polls.read(wish);
		},
		deliver(updates) {
			core.deliver(updates);
			wake();
		},
		setRing(ring) {
			core.setRing(ring);
			presenceReporter.setRing(ring);
			wake();
		},
		repeatHeartbeats: presenceReporter.repeat,
		async drain(spreadMs) {
			core.drain(spreadMs, clock.now());
			wake();
			await emptied.wait(spreadMs + LAST_MESSAGES_MS);
			await registered.wait(LAST_MESSAGES_MS);
			// The users were online until now: they keep the full grace period in which to connect to another frontend.
			await presenceReporter.idle(LAST_MESSAGES_MS);
			presenceReporter.close();
		},
		close() {
			clock.cancel(ticks);
			clock.cancel(digests);
			loadMonitor.close();
			presenceReporter.close();
			stop();
		},
	};
}

/** Creates the function that sends registrations to dispatchers. */
function createRegister(
	core: FrontendCore,
	{ subscribe, clock = REAL_CLOCK, logger }: FrontendOptions,
	wake: () => void,
): (registration: RegistrationMessage) => Promise<void> {
	const { subscriptionSync } = core;
	return async (registration) => {
		try {
			core.registered(registration, await subscribe(registration.to, registration.message));
		} catch (err) {
			if (err instanceof PeerTooLongError) subscriptionSync.tooLong(registration, clock.now());
			// mutant: notes-failed-registration
			else subscriptionSync.failed(registration, clock.now());
			logger.debug({ err, peer: registration.to }, 'registration failed, retrying');
		}
		wake();
	};
}

/** Creates the function that reads events of logs from the store. */
function createLoad(
	core: FrontendCore,
	{ events, clock = REAL_CLOCK, logger }: FrontendOptions,
	wake: () => void,
): (wanted: TopicFetch) => Promise<void> {
	return async (wanted) => {
		const { topic, fetch } = wanted;
		try {
			core.fetched(wanted, await events(topic, fetch.region, fetch.after, fetch.limit), clock.now());
		} catch (err) {
			core.fetchFailed(wanted, /* mutant: trusts-silence */ !isSilence(err), clock.now());
			logger.debug({ err, topic }, 'log read failed, retrying');
		}
		wake();
	};
}

/** Returns whether another node did not answer at all, which proves nothing about the store. */
function isSilence(error: unknown): boolean {
	return error instanceof PeerError && !(error instanceof PeerFailedError);
}

function shuttingDown(): GatewayError {
	return new GatewayError('shutting_down', 'This gateway is shutting down.');
}
