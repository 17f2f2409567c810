import { ALIVE_TIMEOUT_MS, type StreamPace } from '@likewire/protocol';
import type { Registration } from '../delivery/registration.ts';
import { followedTopic } from '../delivery/topic.ts';
import type { Updates } from '../delivery/update.ts';
import type { LogPart as LogPage } from '../store/log-store.ts';
import { type Connection, Subscription } from './connection.ts';
import { heartbeatFrame } from './frames.ts';
import { economyOf, type LoadLevel, type LoadSigns } from './load-level.ts';
import type { Fetch } from './log-sequencer.ts';
import { createLogSupply, type LogSupply } from './log-supply.ts';
import { PresentUsers } from './present-users.ts';
import type { Registered } from './registrar.ts';
import type { Resume } from './resume.ts';
import { Topic, type TopicOptions } from './topic.ts';

/** How long a topic that nobody follows any more is kept, in milliseconds: viewers who reload find it warm. */
export const TOPIC_LINGER_MS = 10_000;

/** Guests name no further topics while this many are kept that no viewer follows. */
export const MAX_IDLE_TOPICS = 10_000;

/** How many viewers are told in one turn of the event loop; then others get theirs: requests, other topics, timers. */
export const TURN_BUDGET = 250;

/** A connection that ends so soon is watched by every run, in milliseconds: ticks are rarer, and late when there is much to do. */
const ENDING_SOON_MS = 2_000;

export interface HubOptions extends TopicOptions {
	/** A connection to which nothing else was written for so long gets a heartbeat, in milliseconds. */
	readonly heartbeatMs: number;
	/** A connection blocked for so long is closed, in milliseconds. */
	readonly blockedTimeoutMs: number;
	/** The last frame of a connection that reached its lifetime. */
	readonly lifetimeBye: () => Uint8Array;
	/** The count of a topic changed, or the topic came or went: a dispatcher wants to know. */
	readonly onCount: (topic: string) => void;
	/** The first connection of a user came, or the last one went. */
	readonly onUser: (user: string, present: boolean) => void;
	/** What logs are fetched from, and what that may take; with sources that live when not given. */
	readonly supply?: LogSupply;
}

/** A part of the log of a topic that is wanted from the store. */
export interface TopicFetch {
	readonly topic: string;
	readonly fetch: Fetch;
}

/**
 * All connections of this node and the topics they follow. Deterministic: it changes only its own state, writes to the
 * sockets of its connections, and names the topics of which a dispatcher is to be told.
 */
export class Hub implements Registered {
	readonly #options: HubOptions;
	readonly #connections = new Map<string, Connection>();
	readonly #topics = new Map<string, Topic>();
	readonly users: PresentUsers;
	/** Connections that end soon, each at its own time. */
	readonly #ending = new Set<Connection>();
	/** Topics that have something to tell. */
	readonly #busy = new Set<Topic>();
	/** What is left out at present; all topics look at it. */
	readonly #pace = { economy: economyOf(0) };
	readonly #supply: LogSupply;
	#blocked = 0;
	/** Topics that no viewer follows: those at the last tick, and those that guests named since. */
	#idle = 0;
	#shed = 0;

	constructor(options: HubOptions) {
		this.#options = options;
		this.users = new PresentUsers(options.onUser);
		this.#supply = options.supply ?? createLogSupply();
	}

	get connectionCount(): number {
		return this.#connections.size;
	}

	get topicCount(): number {
		return this.#topics.size;
	}

	connection(id: string): Connection | undefined {
		return this.#connections.get(id);
	}

	connections(): Iterable<Connection> {
		return this.#connections.values();
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
		const topic = this.#topics.get(name) ?? this.#open(name);
		const subscription = new Subscription(connection, topic, resume);
		topic.join(subscription, connection.pace);
		topic.idleSince = undefined;
		connection.add(subscription);
		this.#options.onCount(name);
		subscription.tell(now);
		if (resume !== undefined) this.#busy.add(topic);
	}

	/** From now on the viewer is told at this pace; it gets the newest state first. */
	setPace(connection: Connection, pace: StreamPace, now: number): void {
		if (connection.pace === pace) return;
		connection.pace = pace;
		for (const subscription of connection.subscriptions) {
			const { topic } = subscription;
			topic.join(subscription, pace);
			subscription.tell(now);
			if (topic.dueAt !== undefined) this.#busy.add(topic);
		}
	}

	/** The viewer read what waited. */
	drained(connection: Connection, now: number): void {
		connection.drained(now);
		// What it missed of a log may have to be fetched.
		for (const { topic } of connection.subscriptions) if (topic.dueAt !== undefined) this.#busy.add(topic);
	}

	unsubscribe(connection: Connection, name: string, now: number): void {
		const subscription = connection.remove(name);
		if (subscription === undefined) return;
		const { topic } = subscription;
		topic.leave(subscription);
		if (topic.viewerCount === 0) topic.idleSince = now;
		this.#options.onCount(name);
	}

	/** Whether there is room for topics that a guest names and no viewer follows. */
	get hasRoomForGuests(): boolean {
		return this.#idle < MAX_IDLE_TOPICS;
	}

	/** Keeps a topic for a guest, for as long as one that viewers left. */
	visit(name: string, now: number): Topic {
		const known = this.#topics.get(name);
		const topic = known ?? this.#open(name);
		if (known === undefined) {
			this.#idle++;
			this.#options.onCount(name);
		}
		if (topic.viewerCount === 0) topic.idleSince = now;
		return topic;
	}

	/** Looks at a topic in the next run. */
	stir(topic: Topic): void {
		this.#busy.add(topic);
	}

	/** A viewer who polls comes to a topic, or leaves it. */
	countPolling(name: string, change: 1 | -1, now: number): void {
		const topic = this.#topics.get(name) ?? this.#open(name);
		topic.pollingCount += change;
		topic.idleSince = topic.viewerCount === 0 ? now : undefined;
		this.#options.onCount(name);
	}

	/** News from a dispatcher. Those of topics that nobody follows here are late, and dropped. */
	deliver(updates: Updates): void {
		for (const [name, update] of updates) {
			const followed = followedTopic(name);
			const topic = this.#topics.get(followed);
			if (topic === undefined) continue;
			if (followed === name) topic.merge(update);
			else topic.mergeComment(name, update);
			this.#busy.add(topic);
		}
	}

	/** Tells viewers what is due, at most `budget` of them; answers when it wants to run next. */
	run(now: number, budget = TURN_BUDGET): number | undefined {
		let left = budget;
		let next = this.#endDue(now);
		for (const topic of this.#busy) {
			left = topic.run(now, left);
			const { dueAt } = topic;
			if (dueAt === undefined) {
				this.#busy.delete(topic);
				continue;
			}
			if (next === undefined || dueAt < next) next = dueAt;
			if (left > 0) continue;
			// To the end of the set: a large topic does not keep the others waiting.
			this.#busy.delete(topic);
			this.#busy.add(topic);
			break;
		}
		return next;
	}

	/** The parts of logs that are to be fetched now; each must come back in `fetched` or `fetchFailed`. */
	takeFetches(now: number): TopicFetch[] {
		const fetches: TopicFetch[] = [];
		for (const topic of this.#busy) {
			for (const fetch of topic.takeFetches(now)) fetches.push({ topic: topic.name, fetch });
		}
		return fetches;
	}

	/** The store answered. */
	fetched({ topic: name, fetch }: TopicFetch, page: LogPage, now: number): void {
		const topic = this.#topics.get(name);
		if (topic === undefined) return;
		topic.fetched(fetch, page, now);
		this.#busy.add(topic);
	}

	/** The store did not answer. */
	fetchFailed({ topic: name, fetch }: TopicFetch, now: number): void {
		const topic = this.#topics.get(name);
		if (topic === undefined) return;
		topic.fetchFailed(fetch, now);
		this.#busy.add(topic);
	}

	registration(name: string): Registration | undefined {
		const topic = this.#topics.get(name);
		if (topic === undefined) return undefined;
		const { viewerCount: count, hash, revision, unread } = topic;
		return { topic: name, count, hash, revision, ...(unread.length > 0 && { unread }) };
	}

	topicNames(): Iterable<string> {
		return this.#topics.keys();
	}

	/** Signals that were left out so far. */
	get shed(): number {
		return this.#shed;
	}

	/** Viewers who did not keep up when the hub last looked. */
	get blocked(): number {
		return this.#blocked;
	}

	/** What the hub itself can tell of its load, since this was last asked. */
	takeSigns(): Pick<LoadSigns, 'newsAgeMs'> {
		let newsAgeMs = 0;
		for (const topic of this.#topics.values()) {
			newsAgeMs = Math.max(newsAgeMs, topic.takeLongestPass());
			this.#shed += topic.takeShed();
		}
		return { newsAgeMs };
	}

	/** From now on as much is left out as the level says. */
	setLevel(level: LoadLevel): void {
		const { shedsSignals } = this.#pace.economy;
		this.#pace.economy = economyOf(level);
		// Signals that were kept may wait.
		if (shedsSignals) for (const topic of this.#topics.values()) this.#busy.add(topic);
	}

	/** What time alone makes due: heartbeats, connections to be closed, topics that nobody came back to. */
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
		this.#idle = 0;
		for (const topic of this.#topics.values()) {
			if (topic.idleSince === undefined) continue;
			if (now - topic.idleSince >= TOPIC_LINGER_MS) this.#close(topic);
			else this.#idle++;
		}
	}

	/** Forgets the topics that nobody follows, without waiting for somebody to come back. */
	closeIdleTopics(): void {
		for (const topic of this.#topics.values()) if (topic.idleSince !== undefined) this.#close(topic);
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

	/** Ends the connections that are due; answers when the next one is. */
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

	#open(name: string): Topic {
		const topic = new Topic(name, this.#options, this.#pace, this.#supply);
		this.#topics.set(name, topic);
		return topic;
	}

	#close(topic: Topic): void {
		this.#topics.delete(topic.name);
		topic.close();
		this.#busy.delete(topic);
		this.#options.onCount(topic.name);
	}
}
