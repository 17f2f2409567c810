import type { Ring } from '../../cluster/membership/ring.ts';
import { PeerQueue } from '../../outbox/peer-queue.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { spreadHash } from '../../state/hash.ts';
import { topicOf } from '../../state/topics/topic.ts';

/**
 * The most users of one message: with the longest names it stays below the limit of a body between
 * nodes.
 */
export const MAX_USERS_PER_MESSAGE = 4_000;

/** The time for which the first user of a message waits for others, in milliseconds. */
const WINDOW_MS = 20;

/**
 * The pause after a full message, in milliseconds, since a dispatcher that has just gained many users
 * has other work.
 */
const FULL_WINDOW_MS = 200;

/**
 * The parts of a period. Each part sends heartbeats of an equal share of the users, so that they are
 * never sent at once.
 */
const PARTS = 100;

/**
 * The most users that went and still need a last heartbeat. When more go at once, the earlier
 * heartbeats of the first count.
 */
export const MAX_LEFT = 100_000;

export interface HeartbeatsOptions {
	/** The period of the heartbeats of each user, in milliseconds. */
	readonly everyMs: number;
	/** The longest delay of a heartbeat, in milliseconds. */
	readonly graceMs: number;
}

/** A message for a dispatcher: the users that are online at this node, or were until now. */
export interface HeartbeatBatch {
	readonly to: string;
	readonly users: readonly string[];
}

/** The heartbeats that wait for a dispatcher. */
interface WaitingHeartbeats {
	readonly queue: PeerQueue<HeartbeatBatch>;
	readonly users: Set<string>;
}

/**
 * Schedules the heartbeats of the users with connections at this node, for the dispatcher that owns
 * each user. A user gets a heartbeat at once when it comes or its owner changes, and then once in each
 * period, at a time of its own. A user that goes gets a last heartbeat, so that it has the full grace
 * period in which to come back, at any frontend. No heartbeat reports that a user went. Deterministic;
 * `now` is the monotonic clock.
 */
export class Heartbeats {
	readonly #partMs: number;
	readonly #parts: readonly Set<string>[] = Array.from({ length: PARTS }, () => new Set<string>());
	readonly #queues = new Map<string, WaitingHeartbeats>();
	/**
	 * Users that went, with the time until which an owner needs their last heartbeat, in the order in
	 * which they went.
	 */
	readonly #left = new BoundedMap<string, number>(MAX_LEFT);
	readonly #lastHeartbeatMs: number;
	#ring: Ring;
	/** The next part, and its time. */
	#part = 0;
	#partAt: number;
	#size = 0;

	constructor({ everyMs, graceMs }: HeartbeatsOptions, ring: Ring, now: number) {
		this.#partMs = everyMs / PARTS;
		// After this time an owner may have reported the user as offline, and a late heartbeat would bring it back online.
		this.#lastHeartbeatMs = 2 * graceMs;
		this.#partAt = now + this.#partMs;
		this.#ring = ring;
	}

	/** The number of users that are online at this node. */
	get size(): number {
		return this.#size;
	}

	/** Takes the first connection of a user, or the end of the last one. */
	present(user: string, isPresent: boolean, now: number): void {
		const part = this.#partOf(user);
		if (!isPresent) {
			// mutant: forgets-gone
			if (!part.delete(user)) return;
			this.#size--;
			this.#leave(user, now);
			return;
		}
		if (part.has(user)) return;
		part.add(user);
		this.#left.delete(user);
		this.#size++;
		this.#want(user, now);
	}

	/** Whether no heartbeat is due or in flight. */
	get isIdle(): boolean {
		return [...this.#queues.values()].every(({ users, queue }) => users.size === 0 && queue.isIdle);
	}

	/** Sends heartbeats at once to new owners of users, and to owners that restarted and forgot them. */
	setRing(ring: Ring, now: number): void {
		const before = this.#ring;
		if (ring === before) return;
		this.#ring = ring;
		const lives = new Map(before.members.map(({ node, incarnation }) => [node, incarnation]));
		const stays = new Set(
			ring.members.filter(({ node, incarnation }) => lives.get(node) === incarnation).map(({ node }) => node),
		);
		const waiting = new Set<string>();
		for (const [node, entry] of this.#queues) {
			for (const user of entry.users) waiting.add(user);
			entry.users.clear();
			if (!stays.has(node)) this.#queues.delete(node);
		}
		// Includes users that went: the dispatcher that received a last heartbeat may be the owner by this ring alone.
		for (const group of [...this.#parts, this.#left.keys()]) {
			for (const user of group) {
				const topic = topicOf('user', user);
				const owner = ring.owner(topic);
				if (owner === undefined) continue;
				if (waiting.has(user) || !stays.has(owner) || before.owner(topic) !== owner) this.#want(user, now);
			}
		}
	}

	/** Sends heartbeats of all users at once: those that are online, and those that have just gone. */
	repeat(now: number): void {
		for (const group of [...this.#parts, this.#left.keys()]) for (const user of group) this.#want(user, now);
	}

	/** Returns the messages to send now. The caller reports each with `arrived`, `failed` or `tooLong`. */
	take(now: number): HeartbeatBatch[] {
		this.#turn(now);
		this.#forget(now);
		const batches: HeartbeatBatch[] = [];
		for (const [to, entry] of this.#queues) {
			const { queue } = entry;
			if (entry.users.size === 0 || now < queue.readyAt) continue;
			const users: string[] = [];
			for (const user of entry.users) {
				if (users.length >= queue.maxEntries) break;
				entry.users.delete(user);
				// The time of a last heartbeat may be over.
				if (this.#partOf(user).has(user) || this.#left.has(user)) users.push(user);
			}
			if (users.length === 0) continue;
			const batch = { to, users };
			queue.sent(batch);
			if (users.length >= queue.maxEntries) queue.wait(now + FULL_WINDOW_MS);
			batches.push(batch);
		}
		return batches;
	}

	/** A message arrived. */
	arrived(batch: HeartbeatBatch): void {
		this.#queues.get(batch.to)?.queue.arrived(batch);
	}

	/**
	 * A message may not have arrived: its users that are online, or that have just gone, get another
	 * heartbeat.
	 */
	failed(batch: HeartbeatBatch, now: number): void {
		if (!this.#queues.get(batch.to)?.queue.failed(batch, now)) return;
		for (const user of batch.users) this.#want(user, now);
	}

	/**
	 * A dispatcher refused a message as too long: its users follow in shorter ones. A user whose name
	 * alone is too long waits for its next part of the period.
	 */
	tooLong(batch: HeartbeatBatch, now: number): void {
		if (!this.#queues.get(batch.to)?.queue.tooLong(batch, batch.users.length, now)) return;
		for (const user of batch.users) {
			if (batch.users.length > 1) this.#want(user, now);
			else this.#left.delete(user);
		}
	}

	/** The time of the next `take`; undefined when no user is online or has just gone. */
	get dueAt(): number | undefined {
		let due = this.#size === 0 ? undefined : this.#partAt;
		for (const { users, queue } of this.#queues.values()) {
			if (users.size > 0 && queue.readyAt < (due ?? Number.POSITIVE_INFINITY)) due = queue.readyAt;
		}
		return due;
	}

	#partOf(user: string): Set<string> {
		return this.#parts[spreadHash(user) % PARTS] as Set<string>;
	}

	#leave(user: string, now: number): void {
		this.#left.set(user, now + this.#lastHeartbeatMs);
		this.#want(user, now);
	}

	/** Drops the users that went too long ago for a last heartbeat. */
	#forget(now: number): void {
		for (const [user, until] of this.#left) {
			if (now < until) return;
			this.#left.delete(user);
		}
	}

	/** Schedules the users whose part of the period has come. */
	#turn(now: number): void {
		// After a stall each user gets one heartbeat, not one for each missed period.
		for (let turns = 0; this.#partAt <= now && turns < PARTS; turns++) {
			this.#partAt += this.#partMs;
			// mutant: repeats-heartbeats
			for (const user of this.#parts[this.#part] ?? []) this.#want(user, now);
			this.#part = (this.#part + 1) % PARTS;
		}
		if (this.#partAt <= now) this.#partAt = now + this.#partMs;
	}

	#want(user: string, now: number): void {
		const owner = this.#ring.owner(topicOf('user', user));
		if (owner === undefined) return;
		let entry = this.#queues.get(owner);
		if (entry === undefined) {
			entry = { queue: new PeerQueue({ maxEntries: MAX_USERS_PER_MESSAGE }), users: new Set() };
			this.#queues.set(owner, entry);
		}
		if (entry.users.size === 0) entry.queue.wait(now + WINDOW_MS);
		entry.users.add(user);
	}
}
