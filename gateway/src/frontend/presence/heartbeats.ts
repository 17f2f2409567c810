import type { Ring } from '../../cluster/membership/ring.ts';
import { PeerQueue } from '../../outbox/peer-queue.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { spreadHash } from '../../state/hash.ts';
import { topicOf } from '../../state/topics/topic.ts';

/** People in one message: with the longest names it stays below the bound of a body between nodes. */
export const MAX_USERS_PER_MESSAGE = 4_000;

/** Who comes waits so long for others, in milliseconds, … */
const WINDOW_MS = 20;

/** … and after a full message so long, in milliseconds: a dispatcher that has just gained many has other things to do, too. */
const FULL_WINDOW_MS = 200;

/** Each period is cut into so many parts, in each of which as many people are told of: never all at once. */
const PARTS = 100;

/** People who are gone and are to be told of once more: when more go at once, what was told of the first before counts. */
export const MAX_LEFT = 100_000;

export interface HeartbeatsOptions {
	/** Each person is told of so often, in milliseconds, … */
	readonly everyMs: number;
	/** … and may be late by so much. */
	readonly graceMs: number;
}

/** A message for a dispatcher: these people are there, or were until now. */
export interface HeartbeatBatch {
	readonly to: string;
	readonly users: readonly string[];
}

/** What waits for a dispatcher. */
interface RelayQueue {
	readonly queue: PeerQueue<HeartbeatBatch>;
	readonly users: Set<string>;
}

/**
 * Heartbeats of the users with connections at this node, for the dispatcher that owns each: at once when a user comes or has
 * another owner, and then once in a period, at a time of its own. A user that goes gets a last heartbeat: so it has the same
 * time to come back, at any frontend, wherever in the period it was. No heartbeat says that a user is gone. Deterministic;
 * `now` is the monotonic clock.
 */
export class Heartbeats {
	readonly #partMs: number;
	readonly #parts: readonly Set<string>[] = Array.from({ length: PARTS }, () => new Set<string>());
	readonly #lanes = new Map<string, RelayQueue>();
	/** Users that have just gone, and until when an owner still needs their last heartbeat, the first to go first. */
	readonly #left = new BoundedMap<string, number>(MAX_LEFT);
	readonly #lastWordMs: number;
	#ring: Ring;
	/** The part that is next, and when. */
	#part = 0;
	#partAt: number;
	#size = 0;

	constructor({ everyMs, graceMs }: HeartbeatsOptions, ring: Ring, now: number) {
		this.#partMs = everyMs / PARTS;
		// Then who was last heard of a period before may be told as gone, and a late word would bring them back.
		this.#lastWordMs = 2 * graceMs;
		this.#partAt = now + this.#partMs;
		this.#ring = ring;
	}

	/** People who are there. */
	get size(): number {
		return this.#size;
	}

	/** The first connection of somebody came, or the last one went. */
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

	/** No heartbeat is due, and none is under way. */
	get isIdle(): boolean {
		return [...this.#lanes.values()].every(({ users, queue }) => users.size === 0 && queue.isIdle);
	}

	/** Users may have other owners, or owners that have forgotten them: those get a heartbeat at once. */
	setRing(ring: Ring, now: number): void {
		const before = this.#ring;
		if (ring === before) return;
		this.#ring = ring;
		const lives = new Map(before.members.map(({ node, incarnation }) => [node, incarnation]));
		const stays = new Set(
			ring.members.filter(({ node, incarnation }) => lives.get(node) === incarnation).map(({ node }) => node),
		);
		const waiting = new Set<string>();
		for (const [node, lane] of this.#lanes) {
			for (const user of lane.users) waiting.add(user);
			lane.users.clear();
			if (!stays.has(node)) this.#lanes.delete(node);
		}
		// A user that has just gone, too: the dispatcher that received the last heartbeat may be the owner by this ring alone.
		for (const people of [...this.#parts, this.#left.keys()]) {
			for (const user of people) {
				const topic = topicOf('user', user);
				const owner = ring.owner(topic);
				if (owner === undefined) continue;
				if (waiting.has(user) || !stays.has(owner) || before.owner(topic) !== owner) this.#want(user, now);
			}
		}
	}

	/** The messages that may leave now; each must be `arrived` or `failed`. */
	take(now: number): HeartbeatBatch[] {
		this.#turn(now);
		this.#forget(now);
		const beats: HeartbeatBatch[] = [];
		for (const [to, lane] of this.#lanes) {
			const { queue } = lane;
			if (lane.users.size === 0 || now < queue.readyAt) continue;
			const users: string[] = [];
			for (const user of lane.users) {
				if (users.length >= queue.maxEntries) break;
				lane.users.delete(user);
				// It may have left too long ago.
				if (this.#partOf(user).has(user) || this.#left.has(user)) users.push(user);
			}
			if (users.length === 0) continue;
			const beat = { to, users };
			queue.sent(beat);
			if (users.length >= queue.maxEntries) queue.wait(now + FULL_WINDOW_MS);
			beats.push(beat);
		}
		return beats;
	}

	/** A message is there. */
	arrived(beat: HeartbeatBatch): void {
		this.#lanes.get(beat.to)?.queue.arrived(beat);
	}

	/** A message is not there, or its dispatcher did not say so: users that are there still, or have just gone, follow again. */
	failed(beat: HeartbeatBatch, now: number): void {
		if (!this.#lanes.get(beat.to)?.queue.failed(beat, now)) return;
		for (const user of beat.users) this.#want(user, now);
	}

	/**
	 * A dispatcher refused a message as too long: its users follow in shorter ones. A user whose name alone is too long
	 * waits for its next turn.
	 */
	tooLong(beat: HeartbeatBatch, now: number): void {
		if (!this.#lanes.get(beat.to)?.queue.tooLong(beat, beat.users.length, now)) return;
		for (const user of beat.users) {
			if (beat.users.length > 1) this.#want(user, now);
			else this.#left.delete(user);
		}
	}

	/** When `take` has something to do next; undefined while nobody is there, or was just now. */
	get dueAt(): number | undefined {
		let due = this.#size === 0 ? undefined : this.#partAt;
		for (const { users, queue } of this.#lanes.values()) {
			if (users.size > 0 && queue.readyAt < (due ?? Number.POSITIVE_INFINITY)) due = queue.readyAt;
		}
		return due;
	}

	#partOf(user: string): Set<string> {
		return this.#parts[spreadHash(user) % PARTS] as Set<string>;
	}

	#leave(user: string, now: number): void {
		this.#left.set(user, now + this.#lastWordMs);
		this.#want(user, now);
	}

	/** For some it is too late to be told of. */
	#forget(now: number): void {
		for (const [user, until] of this.#left) {
			if (now < until) return;
			this.#left.delete(user);
		}
	}

	/** It is the turn of those whose part of the period has come. */
	#turn(now: number): void {
		// After a stall each comes once, and not once for each period that was missed.
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
		let lane = this.#lanes.get(owner);
		if (lane === undefined) {
			lane = { queue: new PeerQueue({ maxEntries: MAX_USERS_PER_MESSAGE }), users: new Set() };
			this.#lanes.set(owner, lane);
		}
		if (lane.users.size === 0) lane.queue.wait(now + WINDOW_MS);
		lane.users.add(user);
	}
}
