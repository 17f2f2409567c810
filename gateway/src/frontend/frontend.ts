import { randomBytes } from 'node:crypto';
import type { Followed, HelloEvent, RefusedTopic, StreamPace } from '@likewire/protocol';
import type { Logger } from 'pino';
import { createAlarm, monotonicNow } from '../alarm.ts';
import { PeerError, PeerFailedError, PeerTooLongError } from '../cluster/peer-client.ts';
import type { Ring } from '../cluster/ring.ts';
import type { Cursor } from '../delivery/cursor.ts';
import type { Registrations } from '../delivery/registration.ts';
import type { Updates } from '../delivery/update.ts';
import { GatewayError } from '../errors.ts';
import { byeFrame, endSpread, jitteredRetryMs, shutdownFrame } from '../http/farewell.ts';
import { createIdleWait } from '../idle-wait.ts';
import type { LogStore } from '../store/log-store.ts';
import { Connection, type StreamSocket } from './connection.ts';
import { checkTopicCount, followedOf } from './followed.ts';
import { openingFrame } from './frames.ts';
import { Hub, type HubOptions, type TopicFetch } from './hub.ts';
import { economyOf } from './load-level.ts';
import { createLoadWatch, type LoadReport } from './load-watch.ts';
import { createLogSupply } from './log-supply.ts';
import { createPolls, type Polls, type PollWish } from './polls.ts';
import { type Letter, Registrar } from './registrar.ts';
import { createResumeOf, type KnownEvents } from './resume.ts';

/** Heartbeats, closings and lingering topics are looked at so often, in milliseconds. */
export const TICK_MS = 1_000;

/** All topics are told to their dispatchers so often, in milliseconds; what got lost between the two heals then. */
export const DIGEST_MS = 10_000;

/** The last words to the dispatchers may take so long, in milliseconds; rows that are left expire. */
const LAST_WORDS_MS = 2_000;

export interface FrontendOptions extends Omit<HubOptions, 'lifetimeBye' | 'onCount'> {
	readonly node: string;
	readonly region: string;
	readonly incarnation: number;
	readonly ring: Ring;
	/** A connection lives so long, in milliseconds, give or take a fifth, so that those that came together do not go so. */
	readonly maxLifetimeMs: number;
	/** Clients come back after about so long, in milliseconds: each is told its own time, from a half to one and a half. */
	readonly retryMs: number;
	/** Clients without a stream poll this often, in milliseconds; less often under load. */
	readonly pollMs: number;
	/** Tells a dispatcher. Rejects when that may not have heard it. */
	readonly subscribe: (dispatcher: string, message: Registrations) => Promise<void>;
	/** Reads events of a log from the store of the region. */
	readonly events: LogStore['events'];
	/** Whether the store of this region works, as far as this node knows. */
	readonly storeLives: () => boolean;
	readonly logger: Logger;
}

export interface Frontend {
	/**
	 * A new viewer; `open` gets the connection's own reactions and gives its socket back. Throws `too_many_topics` or
	 * `shutting_down` before it opens.
	 */
	connect(wish: StreamWish, open: (connection: ConnectionHandlers) => StreamSocket): void;
	/** The caller that may change a connection, as `connectionOwner` has it; undefined when there is no such connection. */
	ownerOf(id: string): string | undefined;
	/**
	 * Changes what a connection follows and answers with all it follows then; undefined when there is no such connection.
	 * Throws `too_many_topics` and changes nothing when it would follow more than it may.
	 */
	change(id: string, change: SubscriptionChange): Followed | undefined;
	/** The client of a connection is there; from now on the connection ends when that is not said again in time. */
	alive(id: string): void;
	/** What a stream with this wish would begin with. Rejects with a {@link GatewayError} when it cannot be read now. */
	poll(wish: PollWish): ReturnType<Polls['read']>;
	/** Ends a connection, if it is there: its client gets what is pending, and a `bye`. */
	end(id: string): void;
	/** News from the dispatcher. */
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
	 * Ends all connections, many of them spread over `spreadMs`: shows each what is pending and tells it to come back. Takes
	 * no new ones. Settles when the dispatchers know, or after two seconds more.
	 */
	drain(spreadMs: number): Promise<void>;
	close(): void;
}

export interface ConnectionHandlers {
	onGone(): void;
	onDrained(): void;
}

/** What a new viewer wants. */
export interface StreamWish extends KnownEvents {
	/** By their names, each once. */
	readonly topics: readonly string[];
	/** Topics that it asked for and may not follow; undefined when there is none. */
	readonly refused?: readonly RefusedTopic[] | undefined;
	/** The user who is online while the connection lasts; undefined for none. */
	readonly user: string | undefined;
	/** The caller that may change the connection, as `connectionOwner` has it. */
	readonly owner: string;
	/** How long it may last at most, in milliseconds: as long as the proof of its caller. */
	readonly allowedMs: number;
}

/** Topics by their names. */
export interface SubscriptionChange {
	readonly add: readonly string[];
	readonly remove: readonly string[];
	/** Where logs of what is added are resumed. */
	readonly cursors: readonly Cursor[];
	/** How long the connection may last at most once it follows what is added, in milliseconds. */
	readonly allowedMs: number;
	/** How often the viewer is told what is new; undefined for no change. */
	readonly pace: StreamPace | undefined;
}

/** Holds the viewers of this node and shows them what the dispatcher delivers. */
export function createFrontend(options: FrontendOptions): Frontend {
	const { node, region, incarnation, heartbeatMs, maxLifetimeMs, subscribe, logger } = options;
	let draining = false;
	/** Whether the store did the last that it was asked for; one that only takes long is judged by pings. */
	let storeWorks = true;
	const hub: Hub = new Hub({
		...options,
		supply: createLogSupply(() => storeWorks && options.storeLives()),
		lifetimeBye: () => byeFrame({ reason: 'lifetime', retryMs: jitteredRetryMs(options.retryMs) }),
		onCount: (topic) => registrar.changed(topic),
	});
	const registrar = new Registrar(node, incarnation, hub, options.ring);
	/** Every dispatcher knows what there is to know. */
	const told = createIdleWait(() => registrar.isIdle);
	const alarm = createAlarm((now) => {
		for (const fetch of hub.takeFetches(now)) void load(fetch);
		const next = hub.run(now);
		for (const letter of registrar.take(now)) void tell(letter);
		told.look();
		return earlier(next, registrar.dueAt);
	});
	const loadWatch = createLoadWatch(hub, logger);
	const polls = createPolls({
		hub,
		region,
		wake: alarm.wake,
		intervalMs: () => options.pollMs * economyOf(loadWatch.report.level).stretch,
	});
	const ticks = setInterval(() => {
		const now = monotonicNow();
		polls.expire(now);
		hub.tick(now, Date.now());
		loadWatch.look(now);
		alarm.wake();
	}, TICK_MS);
	const digests = setInterval(() => {
		registrar.digest();
		alarm.wake();
	}, DIGEST_MS);
	alarm.wake();

	async function tell(letter: Letter): Promise<void> {
		try {
			await subscribe(letter.to, letter.message);
			registrar.arrived(letter);
		} catch (err) {
			if (err instanceof PeerTooLongError) registrar.tooLong(letter, monotonicNow());
			else registrar.failed(letter, monotonicNow());
			logger.debug({ err, peer: letter.to }, 'a registration did not arrive; it is sent again');
		}
		alarm.wake();
	}

	async function load(wanted: TopicFetch): Promise<void> {
		const { topic, fetch } = wanted;
		try {
			hub.fetched(wanted, await options.events(topic, fetch.region, fetch.after, fetch.limit), monotonicNow());
			storeWorks = true;
		} catch (err) {
			if (!isSilence(err)) storeWorks = false;
			hub.fetchFailed(wanted, monotonicNow());
			logger.debug({ err, topic }, 'events of a log could not be read; they are asked for again');
		}
		alarm.wake();
	}

	const farewell = () => shutdownFrame(options.retryMs);

	return {
		get connectionCount() {
			return hub.connectionCount;
		},

		get topicCount() {
			return hub.topicCount;
		},

		get load() {
			return loadWatch.report;
		},

		get draining() {
			return draining;
		},

		farewell,

		connect(wish, open) {
			const { topics, refused, user, owner, allowedMs } = wish;
			checkTopicCount(topics.length);
			if (draining) throw shuttingDown();
			const now = monotonicNow();
			// The random part is 128 bits: nobody guesses the id, which is all that an anonymous viewer has to show.
			const id = `${node}.${randomBytes(16).toString('base64url')}`;
			// Streams that began together do not end together.
			const lifetimeMs = Math.round(Math.min(spread(allowedMs), maxLifetimeMs * (0.8 + Math.random() * 0.4)));
			const hello: HelloEvent = {
				connection: id,
				node,
				region,
				heartbeatMs,
				maxLifetimeMs: lifetimeMs,
				...followedOf(topics),
				...(refused && { refused }),
			};
			const socket = open({
				onGone() {
					hub.disconnect(connection, monotonicNow());
					alarm.wake();
				},
				onDrained() {
					hub.drained(connection, monotonicNow());
					alarm.wake();
				},
			});
			const endsAt = now + lifetimeMs;
			const connection = new Connection({ id, user, owner, socket, now, endsAt });
			hub.connect(connection);
			hub.endBy(connection, endsAt, now);
			connection.send(openingFrame(jitteredRetryMs(options.retryMs), hello), now);
			const resumeOf = createResumeOf(wish);
			for (const topic of topics) hub.subscribe(connection, topic, now, resumeOf(topic));
			alarm.wake();
		},

		ownerOf: (id) => hub.connection(id)?.owner,

		change(id, { add, remove, cursors, allowedMs, pace }) {
			const connection = hub.connection(id);
			if (connection === undefined) return undefined;
			const before = new Set(connection.subscriptions.map(({ topic }) => topic.name));
			const topics = new Set(before);
			for (const topic of remove) topics.delete(topic);
			for (const topic of add) topics.add(topic);
			checkTopicCount(topics.size);
			const now = monotonicNow();
			// What a token added is not told after it expired.
			if (add.some((topic) => !before.has(topic))) hub.endBy(connection, now + spread(allowedMs), now);
			for (const topic of remove) hub.unsubscribe(connection, topic, now);
			const resumeOf = createResumeOf({ cursors });
			for (const topic of add) hub.subscribe(connection, topic, now, resumeOf(topic));
			if (pace !== undefined) hub.setPace(connection, pace, now);
			alarm.wake();
			return followedOf([...topics]);
		},

		alive(id) {
			hub.connection(id)?.alive(monotonicNow());
		},

		async poll(wish) {
			checkTopicCount(wish.topics.length);
			if (draining) throw shuttingDown();
			return polls.read(wish);
		},

		end(id) {
			const connection = hub.connection(id);
			if (connection === undefined) return;
			const bye = byeFrame({ reason: 'closed', retryMs: jitteredRetryMs(options.retryMs) });
			hub.end(connection, bye, monotonicNow());
			alarm.wake();
		},

		deliver(updates) {
			hub.deliver(updates);
			alarm.wake();
		},

		setRing(ring) {
			registrar.setRing(ring);
			alarm.wake();
		},

		async drain(spreadMs) {
			draining = true;
			await endSpread(
				() => [...hub.connections()],
				(connection) => hub.end(connection, farewell(), monotonicNow()),
				spreadMs,
			);
			polls.clear(monotonicNow());
			hub.closeIdleTopics();
			registrar.digest();
			alarm.wake();
			await told.wait(LAST_WORDS_MS);
		},

		close() {
			clearInterval(ticks);
			clearInterval(digests);
			loadWatch.close();
			alarm.stop();
		},
	};
}

/** Up to a fifth less: connections whose tokens were issued together do not end together. */
function spread(ms: number): number {
	return ms * (1 - Math.random() / 5);
}

/** Whether another node did not answer at all, which says nothing of the store. */
function isSilence(error: unknown): boolean {
	return error instanceof PeerError && !(error instanceof PeerFailedError);
}

/** The earlier of two times; undefined is never. */
function earlier(a: number | undefined, b: number | undefined): number | undefined {
	return a === undefined || (b !== undefined && b < a) ? b : a;
}

function shuttingDown(): GatewayError {
	return new GatewayError('shutting_down', 'This gateway is shutting down.');
}
