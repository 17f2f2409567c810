import { ALIVE_TIMEOUT_MS, type StreamPace } from '@likewire/protocol';
import { earliest } from '../../runtime/earliest.ts';
import { PresentUsers } from '../presence/present-users.ts';
import type { Resume } from '../topic/resume.ts';
import { TopicTable, type TopicTableOptions } from '../topic/topic-table.ts';
import { type Connection, Subscription } from './connection.ts';
import { heartbeatFrame } from './frames.ts';

/** How many viewers are sent frames in one turn of the event loop; then requests, other topics and timers have theirs. */
export const TURN_BUDGET = 250;

/** Every run watches connections that end this soon, in milliseconds: ticks are rarer, and late when there is much to do. */
const ENDING_SOON_MS = 2_000;

export interface HubOptions extends TopicTableOptions {
	/** A connection to which nothing else was written for so long gets a heartbeat, in milliseconds. */
	readonly heartbeatMs: number;
	/** A connection blocked for so long is closed, in milliseconds. */
	readonly blockedTimeoutMs: number;
	/** The last frame of a connection whose time is over. */
	readonly lifetimeBye: () => Uint8Array;
	/** The first connection of a user came, or the last one went. */
	readonly onUser: (user: string, present: boolean) => void;
}

/**
 * All connections of this node and the topics they follow. Deterministic: it changes only its own state, writes to the
 * sockets of its connections, and names the topics that a dispatcher has to know of.
 */
export class Hub {
	readonly topics: TopicTable;
	readonly users: PresentUsers;
	readonly #options: HubOptions;
	readonly #connections = new Map<string, Connection>();
	/** Connections that end soon, each at its own time. */
	readonly #ending = new Set<Connection>();
	#blocked = 0;

	constructor(options: HubOptions) {
		this.#options = options;
		this.topics = new TopicTable(options);
		this.users = new PresentUsers(options.onUser);
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

	/** Viewers who did not keep up when the hub last looked. */
	get blocked(): number {
		return this.#blocked;
	}

	connect(connection: Connection): void {
		this.#connections.set(connection.id, connection);
		this.users.come(connection.user);
	}

	/** The connection is gone, whoever ended it. */
	disconnect(connection: Connection, now: number): void {
		if (!this.#connections.delete(connection.id)) return;
		this.#ending.delete(connection);
		for (const { topic } of connection.subscriptions) this.unsubscribe(connection, topic.name, now);
		this.users.go(connection.user);
	}

	/** The connection ends at this time, by the monotonic clock, unless it ends earlier. */
	endBy(connection: Connection, endsAt: number, now: number): void {
		connection.endsAt = Math.min(connection.endsAt, endsAt);
		if (connection.endsAt - now <= ENDING_SOON_MS) this.#ending.add(connection);
	}

	/**
	 * The connection follows the topic from here on; it gets the snapshot at once, or as soon as the state is known.
	 *
	 * @param resume where it goes on in the log of the topic; at its end when undefined.
	 */
	subscribe(connection: Connection, name: string, now: number, resume?: Resume): void {
		if (connection.subscriptions.some(({ topic }) => topic.name === name)) return;
		const topic = this.topics.open(name);
		const subscription = new Subscription(connection, topic, resume);
		topic.join(subscription, connection.pace);
		topic.idleSince = undefined;
		connection.add(subscription);
		this.#options.onCount(name);
		subscription.tell(now);
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

	/** From now on the viewer gets frames at this pace; it gets the newest state first. */
	setPace(connection: Connection, pace: StreamPace, now: number): void {
		if (connection.pace === pace) return;
		connection.pace = pace;
		for (const subscription of connection.subscriptions) {
			subscription.topic.join(subscription, pace);
			subscription.tell(now);
		}
		this.#stirTopicsOf(connection);
	}

	/** The viewer read what waited. */
	drained(connection: Connection, now: number): void {
		connection.drained(now);
		// What it missed of a log may have to be fetched.
		this.#stirTopicsOf(connection);
	}

	/** Sends viewers what is due, to at most `budget` of them; returns when it wants to run next. */
	run(now: number, budget = TURN_BUDGET): number | undefined {
		return earliest(this.#endDue(now), this.topics.run(now, budget));
	}

	/** What time alone makes due: heartbeats, connections whose time is over, topics to which no viewer came back. */
	tick(now: number, wallTime: number): void {
		const { heartbeatMs, blockedTimeoutMs, lifetimeBye } = this.#options;
		let heartbeat: Uint8Array | undefined;
		this.#blocked = 0;
		for (const connection of [...this.#connections.values()]) {
			if (connection.blocked) this.#blocked++;
			this.endBy(connection, connection.endsAt, now);
			if (connection.blockedFor(now) >= blockedTimeoutMs) this.#cut(connection, now);
			else if (now >= connection.endsAt || connection.unconfirmedFor(now) >= ALIVE_TIMEOUT_MS)
				this.end(connection, lifetimeBye(), now);
			else if (connection.blocked) connection.holdOn();
			else if (connection.idleFor(now) >= heartbeatMs) {
				heartbeat ??= heartbeatFrame(wallTime);
				connection.send(heartbeat, now);
			}
		}
		this.topics.tick(now);
	}

	/** Ends a connection: shows it what is pending, and a last frame. */
	end(connection: Connection, farewell: Uint8Array, now: number): void {
		for (const subscription of connection.subscriptions) {
			subscription.topic.flush(now);
			subscription.tell(now);
		}
		connection.end(farewell, now);
		this.disconnect(connection, now);
	}

	/** Ends the connections that are due; returns when the next one is. */
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
