import { randomBytes } from 'node:crypto';
import type { Followed, HelloEvent, RefusedTopic, StreamPace } from '@likewire/protocol';
import { byeFrame, jitteredRetryMs } from '../../http/stream/stream-close.ts';
import { type Clock, REAL_CLOCK } from '../../runtime/clock.ts';
import type { Cursor } from '../../state/cursor.ts';
import { createResumeOf, type KnownEvents } from '../topic/resume.ts';
import { Connection, type StreamSocket } from './connection.ts';
import { connectionId } from './connection-id.ts';
import { checkTopicCount, followedOf } from './followed.ts';
import { openingFrame } from './frames.ts';
import type { Hub } from './hub.ts';

export interface ConnectionHandlers {
	onGone(): void;
	onDrained(): void;
}

/** The request of a new viewer. */
export interface StreamWish extends KnownEvents {
	/** Names of topics, each once. */
	readonly topics: readonly string[];
	/** Topics of the request that the caller may not follow; undefined when it may follow all. */
	readonly refused?: readonly RefusedTopic[] | undefined;
	/** The user that is online while the connection lasts; undefined for none. */
	readonly user: string | undefined;
	/** The caller that may change the connection, as `connectionOwner` returns it. */
	readonly owner: string;
	/** The longest time that it may last, in milliseconds: until the proof of its caller expires. */
	readonly allowedMs: number;
}

/** Topics to add and remove, by their names. */
export interface SubscriptionChange {
	readonly add: readonly string[];
	readonly remove: readonly string[];
	/** Where added topics resume their logs. */
	readonly cursors: readonly Cursor[];
	/** The longest time that the connection may last with the added topics, in milliseconds. */
	readonly allowedMs: number;
	/** How often the viewer gets frames; undefined for no change. */
	readonly pace: StreamPace | undefined;
}

export interface ConnectionsOptions {
	readonly hub: Hub;
	/** Runs the hub in the next turn of the event loop. */
	readonly wake: () => void;
	readonly node: string;
	/** The number of this worker of the node, which the ids of its connections name; undefined for none. */
	readonly worker?: number | undefined;
	readonly region: string;
	readonly heartbeatMs: number;
	/**
	 * The lifetime of a connection, in milliseconds, ± 20 %, so that connections that began together do
	 * not end together.
	 */
	readonly maxLifetimeMs: number;
	/**
	 * The mean time after which clients come back, in milliseconds: each gets a time of its own, from 50 %
	 * to 150 %.
	 */
	readonly retryMs: number;
	readonly clock?: Clock;
}

/** Opens the connections of viewers, and changes what they follow. */
export interface Connections {
	/**
	 * Adds a viewer. `open` gets the handlers of the connection and returns its socket. Throws
	 * `too_many_topics` before that.
	 */
	connect(wish: StreamWish, open: (connection: ConnectionHandlers) => StreamSocket): void;
	/**
	 * Returns the caller that may change a connection, as `connectionOwner` returns it; undefined for an
	 * unknown connection.
	 */
	ownerOf(id: string): string | undefined;
	/**
	 * Changes what a connection follows, and returns all that it follows then; undefined for an unknown
	 * connection. Throws `too_many_topics` and changes nothing when it would follow too many.
	 */
	change(id: string, change: SubscriptionChange): Followed | undefined;
	/**
	 * Takes the confirmation of a client that it is alive. The connection then ends when no confirmation
	 * follows in time.
	 */
	alive(id: string): void;
	/** Ends a connection, if it exists: its client gets what is pending, and a `bye`. */
	end(id: string): void;
}

export function createConnections(options: ConnectionsOptions): Connections {
	const { hub, wake, clock = REAL_CLOCK } = options;
	return {
		connect(wish, open) {
			checkTopicCount(wish.topics.length);
			openConnection(options, wish, open);
			wake();
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
			const now = clock.now();
			// A topic that a token added gets no frames after the token expired.
			if (add.some((topic) => !before.has(topic))) hub.endBy(connection, now + spread(allowedMs), now);
			for (const topic of remove) hub.unsubscribe(connection, topic, now);
			const resumeOf = createResumeOf({ cursors });
			for (const topic of add) hub.subscribe(connection, topic, now, resumeOf(topic));
			if (pace !== undefined) hub.setPace(connection, pace, now);
			wake();
			return followedOf([...topics]);
		},

		alive(id) {
			hub.connection(id)?.alive(clock.now());
		},

		end(id) {
			const connection = hub.connection(id);
			if (connection === undefined) return;
			const bye = byeFrame({ reason: 'closed', retryMs: jitteredRetryMs(options.retryMs) });
			hub.end(connection, bye, clock.now());
			wake();
		},
	};
}

/** The handlers of a connection: an object of its own takes half of the memory that two closures take. */
class Viewer implements ConnectionHandlers {
	/** Set once its socket is open. */
	connection: Connection | undefined;
	readonly #hub: Hub;
	readonly #wake: () => void;
	readonly #clock: Clock;

	constructor(hub: Hub, wake: () => void, clock: Clock) {
		this.#hub = hub;
		this.#wake = wake;
		this.#clock = clock;
	}

	onGone(): void {
		if (this.connection !== undefined) this.#hub.disconnect(this.connection, this.#clock.now());
		this.#wake();
	}

	onDrained(): void {
		if (this.connection !== undefined) this.#hub.drained(this.connection, this.#clock.now());
		this.#wake();
	}
}

function openConnection(
	{ hub, wake, node, worker, region, heartbeatMs, maxLifetimeMs, retryMs, clock = REAL_CLOCK }: ConnectionsOptions,
	wish: StreamWish,
	open: (connection: ConnectionHandlers) => StreamSocket,
): void {
	const { topics, refused, user, owner, allowedMs } = wish;
	const now = clock.now();
	// 128 random bits: the id alone proves that an anonymous viewer owns the connection, so no caller may guess it.
	const id = connectionId(randomBytes(16).toString('base64url'), node, worker);
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
	const viewer = new Viewer(hub, wake, clock);
	const socket = open(viewer);
	const connection = new Connection({ id, user, owner, socket, now, endsAt: now + lifetimeMs });
	viewer.connection = connection;
	hub.connect(connection, now);
	connection.send(openingFrame(jitteredRetryMs(retryMs), hello), now);
	const resumeOf = createResumeOf(wish);
	for (const topic of topics) hub.subscribe(connection, topic, now, resumeOf(topic));
}

/** Returns up to 20 % less: connections whose tokens were issued together do not end together. */
function spread(ms: number): number {
	return ms * (1 - Math.random() / 5);
}
