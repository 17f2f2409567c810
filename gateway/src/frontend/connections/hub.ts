import { ALIVE_TIMEOUT_MS, type StreamPace } from '@likewire/protocol';
import { earliest } from '../../runtime/earliest.ts';
import { TimingWheel } from '../../runtime/timing-wheel.ts';
import { ViewersByUser } from '../presence/viewers-by-user.ts';
import type { Resume } from '../topic/resume.ts';
import { TopicTable, type TopicTableOptions } from '../topic/topic-table.ts';
import { type Connection, Subscription } from './connection.ts';
import { heartbeatFrame } from './frames.ts';

/**
 * The most viewers that get frames in one turn of the event loop, so that requests, other topics and
 * timers get their turns.
 */
export const TURN_BUDGET = 250;

/**
 * Each run checks connections that end within this time, in milliseconds: ticks are less frequent, and
 * late under load.
 */
const ENDING_SOON_MS = 2_000;

/** The tick of the checks of connections, and the slots of their wheel: more than the usual time between two checks. */
const CHECK_TICK_MS = 1_000;
const CHECK_SLOTS = 32;

export interface HubOptions extends TopicTableOptions {
	/** A connection without another write for this time gets a heartbeat, in milliseconds. */
	readonly heartbeatMs: number;
	/** A connection that is blocked for this time is closed, in milliseconds. */
	readonly blockedTimeoutMs: number;
	/** Returns the last frame of a connection whose lifetime is over. */
	readonly lifetimeBye: () => Uint8Array;
	/** Takes the first connection of a user, or the end of the last one. */
	readonly onUser: (user: string, present: boolean) => void;
}

/**
 * All connections of this node and the topics that they follow. Deterministic: it changes only its own
 * state, writes to the sockets of its connections, and names the topics whose viewers changed.
 */
export class Hub {
	readonly topics: TopicTable;
	readonly users: ViewersByUser;
	readonly #options: HubOptions;
	readonly #connections = new Map<string, Connection>();
	/** Connections that end soon, each at its own time. */
	readonly #ending = new Set<Connection>();
	/** Each connection is in it, or in `#idle`, once: a tick visits those that are due, not all. */
	readonly #checks = new TimingWheel<Connection>(CHECK_TICK_MS, CHECK_SLOTS, 0);
	/** Connections that wait for a heartbeat. Runs send them, so that a rush of viewers is no long turn 15 s later. */
	readonly #idle: Connection[] = [];
	#heartbeat: Uint8Array | undefined;
	/** Connections that do not keep up; they add and remove themselves. */
	readonly #blocked = new Set<Connection>();

	constructor(options: HubOptions) {
		this.#options = options;
		this.topics = new TopicTable(options);
		this.users = new ViewersByUser(options.onUser);
	}

	get connectionCount(): number {
		return this.#connections.size;
	}

	connection(id: string): Connection | undefined {
		return this.#connections.get(id);
	}

	connections(): Iterable<Connection> {
		return this.#connections.values();
	}

	/** The number of viewers that do not keep up. */
	get blocked(): number {
		return this.#blocked.size;
	}

	connect(connection: Connection, now: number): void {
		this.#connections.set(connection.id, connection);
		connection.reportBlockedTo(this.#blocked);
		if (connection.endsAt - now <= ENDING_SOON_MS) this.#ending.add(connection);
		this.#planCheck(connection, now);
		this.users.come(connection.user);
	}

	/** Removes a connection that ended. */
	disconnect(connection: Connection, now: number): void {
		if (!this.#connections.delete(connection.id)) return;
		this.#ending.delete(connection);
		this.#blocked.delete(connection);
		for (const { topic } of connection.subscriptions) this.unsubscribe(connection, topic.name, now);
		this.users.go(connection.user);
	}

	/** Ends the connection at this time, by the monotonic clock, unless it ends earlier. */
	endBy(connection: Connection, endsAt: number, now: number): void {
		if (endsAt >= connection.endsAt) return;
		connection.endsAt = endsAt;
		// Its next check, which may have been planned for the end before, may come too late.
		if (endsAt - now <= this.#options.heartbeatMs + ENDING_SOON_MS) this.#ending.add(connection);
	}

	/**
	 * Adds the topic to the connection, which gets the snapshot at once, or as soon as the state is known.
	 *
	 * @param resume where the viewer continues in the log of the topic; at its end when undefined.
	 */
	subscribe(connection: Connection, name: string, now: number, resume?: Resume): void {
		if (connection.subscriptions.some(({ topic }) => topic.name === name)) return;
		const topic = this.topics.open(name);
		const subscription = new Subscription(connection, topic, resume);
		topic.join(subscription, connection.pace);
		topic.idleSince = undefined;
		connection.add(subscription);
		this.#options.onCount(name);
		subscription.send(now);
		if (resume !== undefined) this.topics.stir(topic);
	}

	unsubscribe(connection: Connection, name: string, now: number): void {
		const subscription = connection.remove(name);
		if (subscription === undefined) return;
		const { topic } = subscription;
		topic.leave(subscription);
		if (topic.viewerCount === 0) topic.idleSince = now;
		this.#options.onCount(name);
	}

	/** Sends the viewer the newest state, and then frames at this pace. */
	setPace(connection: Connection, pace: StreamPace, now: number): void {
		if (connection.pace === pace) return;
		connection.pace = pace;
		for (const subscription of connection.subscriptions) {
			subscription.topic.join(subscription, pace);
			subscription.send(now);
		}
		this.#stirTopicsOf(connection);
	}

	/** The viewer read what waited. */
	drained(connection: Connection, now: number): void {
		connection.drained(now);
		// The topic may have to fetch events of the log that the viewer missed.
		this.#stirTopicsOf(connection);
	}

	/** Sends viewers what is due, at most `budget` of them; returns the time of the next run. */
	run(now: number, budget = TURN_BUDGET): number | undefined {
		const endsAt = this.#endDue(now);
		// At most half of it, so that frames hardly wait for heartbeats.
		const sent = this.#sendHeartbeats(now, Math.ceil(budget / 2));
		const next = this.topics.run(now, budget - sent);
		return this.#idle.length > 0 ? now : earliest(endsAt, next);
	}

	/**
	 * Does what is due by time alone: heartbeats, which the next runs send, connections whose lifetime is
	 * over, topics without viewers.
	 */
	tick(now: number, wallTime: number): void {
		this.#endDue(now);
		for (const connection of this.#checks.take(now)) this.#check(connection, now);
		for (const connection of [...this.#blocked]) {
			if (connection.blockedFor(now) >= this.#options.blockedTimeoutMs) this.#cut(connection, now);
			else connection.holdOn();
		}
		if (this.#idle.length > 0) this.#heartbeat = heartbeatFrame(wallTime);
		this.topics.tick(now);
	}

	#check(connection: Connection, now: number): void {
		if (this.#connections.get(connection.id) !== connection) return;
		if (now >= connection.endsAt || connection.unconfirmedFor(now) >= ALIVE_TIMEOUT_MS) {
			this.end(connection, this.#options.lifetimeBye(), now);
			return;
		}
		if (connection.endsAt - now <= ENDING_SOON_MS) this.#ending.add(connection);
		if (connection.idleFor(now) >= this.#options.heartbeatMs) this.#idle.push(connection);
		else this.#planCheck(connection, now);
	}

	/** Plans the next check: for the next heartbeat, shortly before the end, or when its client is gone. */
	#planCheck(connection: Connection, now: number): void {
		const heartbeatAt = now + this.#options.heartbeatMs - (connection.blocked ? 0 : connection.idleFor(now));
		const goneAt = now + ALIVE_TIMEOUT_MS - connection.unconfirmedFor(now);
		const soon = Math.max(connection.endsAt - ENDING_SOON_MS, now);
		const endCheckAt = this.#ending.has(connection) ? Number.POSITIVE_INFINITY : soon;
		this.#checks.add(connection, Math.min(heartbeatAt, goneAt, endCheckAt));
	}

	/** Sends idle connections a heartbeat, at most `budget` of them; returns their number. */
	#sendHeartbeats(now: number, budget: number): number {
		const due = this.#idle.splice(-budget);
		for (const connection of due) {
			if (this.#connections.get(connection.id) !== connection) continue;
			if (this.#heartbeat !== undefined && connection.idleFor(now) >= this.#options.heartbeatMs)
				connection.send(this.#heartbeat, now);
			this.#planCheck(connection, now);
		}
		return due.length;
	}

	/** Ends a connection after it gets what is pending, and a close frame. */
	end(connection: Connection, closeFrame: Uint8Array, now: number): void {
		for (const subscription of connection.subscriptions) {
			subscription.topic.flush(now);
			subscription.send(now);
		}
		connection.end(closeFrame, now);
		this.disconnect(connection, now);
	}

	/** Ends the connections that are due; returns the time of the next one. */
	#endDue(now: number): number | undefined {
		let next: number | undefined;
		for (const connection of [...this.#ending]) {
			const { endsAt } = connection;
			if (now >= endsAt) this.end(connection, this.#options.lifetimeBye(), now);
			else if (next === undefined || endsAt < next) next = endsAt;
		}
		return next;
	}

	#cut(connection: Connection, now: number): void {
		connection.close();
		this.disconnect(connection, now);
	}

	#stirTopicsOf(connection: Connection): void {
		for (const { topic } of connection.subscriptions) if (topic.dueAt !== undefined) this.topics.stir(topic);
	}
}
