import { randomBytes } from 'node:crypto';
import { type ByeEvent, type HelloEvent, MAX_TOPICS_PER_CONNECTION } from '@likewire/protocol';
import { createAlarm, monotonicNow } from '../alarm.ts';
import type { Registrations } from '../delivery/registration.ts';
import { videoOf, videoTopic } from '../delivery/topic.ts';
import type { Updates } from '../delivery/update.ts';
import { GatewayError } from '../errors.ts';
import { Connection, type StreamSocket } from './connection.ts';
import { byeFrame, openingFrame } from './frames.ts';
import { Hub, type HubOptions } from './hub.ts';

/** Heartbeats, closings and lingering topics are looked at so often, in milliseconds. */
export const TICK_MS = 1_000;

/** All topics are told to their dispatcher so often, in milliseconds; what got lost between the two heals then. */
export const DIGEST_MS = 10_000;

export interface FrontendOptions extends Pick<HubOptions, 'windowMs' | 'heartbeatMs' | 'blockedTimeoutMs'> {
	readonly node: string;
	readonly region: string;
	/** A connection lives so long at the most, in milliseconds; up to a fifth less, so that they do not end together. */
	readonly maxLifetimeMs: number;
	/** Clients come back after about so long, in milliseconds: each is told its own time, from a half to one and a half. */
	readonly retryMs: number;
	/** Tells the dispatcher. */
	readonly register: (message: Registrations) => void;
}

export interface Frontend {
	/**
	 * A new viewer, who may stay for `allowedMs` at the most; `open` gets the connection's own reactions and gives its
	 * socket back. Throws `too_many_topics` before it opens.
	 */
	connect(videos: readonly string[], allowedMs: number, open: (connection: ConnectionHandlers) => StreamSocket): void;
	/**
	 * Changes what a connection follows and answers with all it follows then; undefined when there is no such connection.
	 * Throws `too_many_topics` and changes nothing when it would follow more than it may.
	 */
	change(id: string, change: SubscriptionChange): readonly string[] | undefined;
	/** News from the dispatcher. */
	deliver(updates: Updates): void;
	readonly connectionCount: number;
	readonly topicCount: number;
	/** Tells every viewer what is pending and to come back later, and ends all connections. */
	close(): void;
}

export interface ConnectionHandlers {
	onGone(): void;
	onDrained(): void;
}

export interface SubscriptionChange {
	readonly add: readonly string[];
	readonly remove: readonly string[];
}

/** Holds the viewers of this node and shows them what the dispatcher delivers. */
export function createFrontend(options: FrontendOptions): Frontend {
	const { node, region, heartbeatMs, maxLifetimeMs } = options;
	const hub = new Hub({
		frontend: node,
		windowMs: options.windowMs,
		heartbeatMs,
		blockedTimeoutMs: options.blockedTimeoutMs,
		lifetimeBye: () => bye('lifetime'),
	});
	const alarm = createAlarm((now) => {
		const next = hub.run(now);
		const news = hub.takeRegistrations();
		if (news !== undefined) options.register(news);
		return next;
	});
	const ticks = setInterval(() => {
		hub.tick(monotonicNow(), Date.now());
		alarm.wake();
	}, TICK_MS);
	const digests = setInterval(() => options.register(hub.digest()), DIGEST_MS);

	function jitteredRetryMs(): number {
		return Math.round(options.retryMs * (0.5 + Math.random()));
	}

	function bye(reason: ByeEvent['reason']): Uint8Array {
		return byeFrame({ reason, retryMs: jitteredRetryMs() });
	}

	return {
		get connectionCount() {
			return hub.connectionCount;
		},

		get topicCount() {
			return hub.topicCount;
		},

		connect(videos, allowedMs, open) {
			checkTopicCount(videos.length);
			const now = monotonicNow();
			// The random part is 128 bits: who knows an id may use it.
			const id = `${node}.${randomBytes(16).toString('base64url')}`;
			const lifetimeMs = Math.round(Math.min(maxLifetimeMs, allowedMs) * (1 - Math.random() / 5));
			const hello: HelloEvent = { connection: id, node, region, heartbeatMs, maxLifetimeMs: lifetimeMs, videos };
			const socket = open({
				onGone() {
					hub.disconnect(connection, monotonicNow());
					alarm.wake();
				},
				onDrained: () => connection.drained(monotonicNow()),
			});
			const connection = new Connection(id, socket, now, now + lifetimeMs);
			hub.connect(connection);
			connection.send(openingFrame(jitteredRetryMs(), hello), now);
			for (const video of videos) hub.subscribe(connection, videoTopic(video), now);
			alarm.wake();
		},

		change(id, { add, remove }) {
			const connection = hub.connection(id);
			if (connection === undefined) return undefined;
			const videos = new Set(connection.subscriptions.map(({ topic }) => videoOf(topic.name)));
			for (const video of remove) videos.delete(video);
			for (const video of add) videos.add(video);
			checkTopicCount(videos.size);
			const now = monotonicNow();
			for (const video of remove) hub.unsubscribe(connection, videoTopic(video), now);
			for (const video of add) hub.subscribe(connection, videoTopic(video), now);
			alarm.wake();
			return [...videos];
		},

		deliver(updates) {
			hub.deliver(updates);
			alarm.wake();
		},

		close() {
			clearInterval(ticks);
			clearInterval(digests);
			const now = monotonicNow();
			for (const connection of [...hub.connections()]) hub.end(connection, bye('shutdown'), now);
			alarm.stop();
		},
	};
}

function checkTopicCount(count: number): void {
	if (count <= MAX_TOPICS_PER_CONNECTION) return;
	throw new GatewayError(
		'too_many_topics',
		`A stream follows at most ${MAX_TOPICS_PER_CONNECTION} topics, not ${count}.`,
	);
}
