import type { Logger } from 'pino';
import type { Ring } from '../cluster/membership/ring.ts';
import { PeerError, PeerFailedError, PeerTooLongError } from '../cluster/rpc/peer-client.ts';
import { byeFrame, jitteredRetryMs, shutdownFrame } from '../http/stream/stream-close.ts';
import { GatewayError } from '../runtime/errors.ts';
import { createIdleWait } from '../runtime/idle-wait.ts';
import { createRunLoop, monotonicNow } from '../runtime/run-loop.ts';
import type { Registrations } from '../state/topics/registration.ts';
import type { Updates } from '../state/update.ts';
import type { LogStore } from '../store/log-store.ts';
import { type Connections, type ConnectionsOptions, createConnections } from './connections/connections.ts';
import { checkTopicCount } from './connections/followed.ts';
import { DIGEST_MS, FrontendCore, type FrontendCoreOptions, LAST_WORDS_MS, TICK_MS } from './frontend-core.ts';
import { degradationOf } from './load/load-level.ts';
import { createLoadWatch, type LoadReport } from './load/load-monitor.ts';
import { createPolls, type Polls, type PollWish } from './polls.ts';
import { createPresenceReporter } from './presence/presence-reporter.ts';
import type { RegistrationMessage } from './subscriptions/subscription-sync.ts';
import type { TopicFetch } from './topic/topic-table.ts';

export interface FrontendOptions
	extends Omit<FrontendCoreOptions, 'lifetimeBye' | 'shutdownBye' | 'onUser'>,
		Omit<ConnectionsOptions, 'hub' | 'wake'> {
	/** Clients without a stream poll this often, in milliseconds; less often under load. */
	readonly pollMs: number;
	/** Registers topics with a dispatcher. Resolves with the states that this frontend lacks. */
	readonly subscribe: (dispatcher: string, message: Registrations) => Promise<Updates>;
	/** The period of heartbeats of each user, in milliseconds, and the time by which one may be late. */
	readonly presenceMs: number;
	readonly presenceGraceMs: number;
	/** Sends a dispatcher heartbeats of users. Rejects when they may not have arrived. */
	readonly heartbeat: (dispatcher: string, users: readonly string[]) => Promise<void>;
	/** Reads events of a log from the store of the region. */
	readonly events: LogStore['events'];
	readonly logger: Logger;
}

/** Holds the viewers of this node. While it drains, `connect` and `poll` throw `shutting_down`. */
export interface Frontend extends Connections {
	/** What a stream with this wish would begin with. Rejects with a {@link GatewayError} when it cannot be read now. */
	poll(wish: PollWish): ReturnType<Polls['read']>;
	/** Takes updates of the dispatcher. */
	deliver(updates: Updates): void;
	/** Topics may have other owners from now on. */
	setRing(ring: Ring): void;
	readonly connectionCount: number;
	readonly topicCount: number;
	/** How much there is to do, and what is left out. */
	readonly load: LoadReport;
	/** Takes no new viewers any more. */
	readonly draining: boolean;
	/** The last frame of a viewer who is to come back soon, and finds another frontend. */
	farewell(): Uint8Array;
	/**
	 * Ends all connections, many of them spread over `spreadMs`: each gets what is pending, and a `bye`. Takes no new ones.
	 * Settles when the dispatchers know, or after four seconds more.
	 */
	drain(spreadMs: number): Promise<void>;
	close(): void;
}

/** Holds the viewers of this node and shows them what the dispatcher delivers. */
export function createFrontend(options: FrontendOptions): Frontend {
	const { retryMs, logger } = options;
	const pulse = createPresenceReporter({ ...options, beat: options.heartbeat });
	const core = new FrontendCore({
		...options,
		lifetimeBye: () => byeFrame({ reason: 'lifetime', retryMs: jitteredRetryMs(retryMs) }),
		shutdownBye: () => shutdownFrame(retryMs),
		onUser: pulse.present,
	});
	const { hub, registrar } = core;
	const emptied = createIdleWait(() => core.isEmptied);
	/** Every dispatcher has all topics. */
	const registered = createIdleWait(() => registrar.isIdle);
	const { wake, stop } = createRunLoop((now) => {
		const { fetches, letters, dueAt } = core.run(now);
		for (const fetch of fetches) void load(fetch);
		for (const letter of letters) void register(letter);
		emptied.look();
		registered.look();
		return dueAt;
	});
	const register = createRegister(core, options, wake);
	const load = createLoad(core, options, wake);
	const loadWatch = createLoadWatch(hub, logger);
	const connections = createConnections({ ...options, hub, wake });
	const intervalMs = () => options.pollMs * degradationOf(loadWatch.report.level).stretch;
	const polls = createPolls({ core, region: options.region, wake, intervalMs });
	const ticks = setInterval(() => {
		const now = monotonicNow();
		core.tick(now, Date.now());
		loadWatch.look(now);
		wake();
	}, TICK_MS);
	const digests = setInterval(() => {
		core.digest();
		wake();
	}, DIGEST_MS);
	wake();

	return {
		...connections,
		get connectionCount() {
			return hub.connectionCount;
		},
		get topicCount() {
			return hub.topics.size;
		},
		get load() {
			return loadWatch.report;
		},
		get draining() {
			return core.isDraining;
		},
		farewell: () => shutdownFrame(retryMs),
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
			pulse.setRing(ring);
			wake();
		},
		async drain(spreadMs) {
			core.drain(spreadMs, monotonicNow());
			wake();
			await emptied.wait(spreadMs + LAST_WORDS_MS);
			await registered.wait(LAST_WORDS_MS);
			// The users were there until then, and have time to come back elsewhere.
			await pulse.idle(LAST_WORDS_MS);
			pulse.close();
		},
		close() {
			clearInterval(ticks);
			clearInterval(digests);
			loadWatch.close();
			pulse.close();
			stop();
		},
	};
}

/** Sends registrations to dispatchers. */
function createRegister(
	core: FrontendCore,
	{ subscribe, logger }: FrontendOptions,
	wake: () => void,
): (letter: RegistrationMessage) => Promise<void> {
	const { registrar } = core;
	return async (letter) => {
		try {
			core.deliver(await subscribe(letter.to, letter.message));
			registrar.arrived(letter);
		} catch (err) {
			if (err instanceof PeerTooLongError) registrar.tooLong(letter, monotonicNow());
			else registrar.failed(letter, monotonicNow());
			logger.debug({ err, peer: letter.to }, 'a registration did not arrive; it is sent again');
		}
		wake();
	};
}

/** Fetches events of logs from the store. */
function createLoad(
	core: FrontendCore,
	{ events, logger }: FrontendOptions,
	wake: () => void,
): (wanted: TopicFetch) => Promise<void> {
	return async (wanted) => {
		const { topic, fetch } = wanted;
		try {
			core.fetched(wanted, await events(topic, fetch.region, fetch.after, fetch.limit), monotonicNow());
		} catch (err) {
			core.fetchFailed(wanted, !isSilence(err), monotonicNow());
			logger.debug({ err, topic }, 'events of a log could not be read; they are asked for again');
		}
		wake();
	};
}

/** Whether another node did not answer at all, which says nothing of the store. */
function isSilence(error: unknown): boolean {
	return error instanceof PeerError && !(error instanceof PeerFailedError);
}

function shuttingDown(): GatewayError {
	return new GatewayError('shutting_down', 'This gateway is shutting down.');
}
