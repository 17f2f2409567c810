import type { Ring } from '../cluster/ring.ts';
import { spreadHash } from '../delivery/hash.ts';
import { topicOf } from '../delivery/topic.ts';

/** People in one message: with the longest names it stays below the bound of a body between nodes. */
export const MAX_USERS_PER_MESSAGE = 4_000;

/** Who comes waits so long for others, in milliseconds, … */
const WINDOW_MS = 20;

/** … and after a full message so long, in milliseconds: a dispatcher that has just gained many has other things to do, too. */
const FULL_WINDOW_MS = 200;

/** Each period is cut into so many parts, in each of which as many people are told of: never all at once. */
const PARTS = 100;

/** A message that did not arrive is sent again after so long, in milliseconds, and after twice as long each time, up to … */
const RETRY_MS = 50;
const MAX_RETRY_MS = 1_600;

/** People who are gone and are to be told of once more: when more go at once, what was told of the first before counts. */
export const MAX_LEFT = 100_000;

export interface HeartbeatsOptions {
	/** Each person is told of so often, in milliseconds, … */
	readonly everyMs: number;
	/** … and may be late by so much. */
	readonly graceMs: number;
}

/** A message for a dispatcher: these people are there, or were until now. */
export interface Beat {
	readonly to: string;
	readonly users: readonly string[];
}

/** What a dispatcher is still to be told. */
interface Lane {
	readonly users: Set<string>;
	/** The message under way; one at a time. */
	beat: Beat | undefined;
	nextAt: number;
	retryMs: number;
	/** Most people in one message: fewer after the dispatcher refused one as too long. */
	maxUsers: number;
}

/**
 * Tells the dispatchers who is there: each person to the one that their topic hashes to, at once when they come or when
 * that is another one, and then once in a period, at a time of their own. Who goes is told of once more, as one who was there
 * until then: so they have the same time to come back, at whichever frontend, wherever in the period it was. Nobody is told
 * to be gone. Deterministic; `now` is the monotonic clock.
 */
export class Heartbeats {
	readonly #partMs: number;
	readonly #parts: readonly Set<string>[] = Array.from({ length: PARTS }, () => new Set<string>());
	readonly #lanes = new Map<string, Lane>();
	/** Users that have just gone, and until when an owner still needs their last heartbeat, the first to go first. */
	readonly #left = new Map<string, number>();
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

	/** Nothing is to be told now, and nothing is under way. */
	get isIdle(): boolean {
		return [...this.#lanes.values()].every(({ users, beat }) => users.size === 0 && beat === undefined);
	}

	/** People may have other owners, or owners that have forgotten them, who are told at once. */
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
	take(now: number): Beat[] {
		this.#turn(now);
		this.#forget(now);
		const beats: Beat[] = [];
		for (const [to, lane] of this.#lanes) {
			if (lane.beat !== undefined || lane.users.size === 0 || now < lane.nextAt) continue;
			const users: string[] = [];
			for (const user of lane.users) {
				if (users.length >= lane.maxUsers) break;
				lane.users.delete(user);
				// Gone for too long meanwhile.
				if (this.#partOf(user).has(user) || this.#left.has(user)) users.push(user);
			}
			if (users.length === 0) continue;
			lane.beat = { to, users };
			lane.nextAt = now + (users.length < lane.maxUsers ? 0 : FULL_WINDOW_MS);
			beats.push(lane.beat);
		}
		return beats;
	}

	/** A message is there. */
	arrived(beat: Beat): void {
		const lane = this.#lanes.get(beat.to);
		if (lane?.beat !== beat) return;
		lane.beat = undefined;
		lane.retryMs = RETRY_MS;
	}

	/** A message is not there, or nobody said so: who is there still, or has just gone, is told of again. */
	failed(beat: Beat, now: number): void {
		const lane = this.#lanes.get(beat.to);
		if (lane?.beat !== beat) return;
		lane.beat = undefined;
		lane.nextAt = now + lane.retryMs;
		lane.retryMs = Math.min(2 * lane.retryMs, MAX_RETRY_MS);
		for (const user of beat.users) this.#want(user, now);
	}

	/**
	 * A dispatcher refused a message as too long: its users are sent in shorter ones. A user whose name alone is too long
	 * waits for its next turn.
	 */
	tooLong(beat: Beat, now: number): void {
		const lane = this.#lanes.get(beat.to);
		if (lane?.beat !== beat) return;
		lane.maxUsers = Math.max(1, Math.floor(beat.users.length / 2));
		if (beat.users.length > 1) {
			this.failed(beat, now);
			return;
		}
		lane.beat = undefined;
		for (const user of beat.users) this.#left.delete(user);
	}

	/** When `take` has something to do next; undefined while nobody is there, or was just now. */
	get dueAt(): number | undefined {
		let due = this.#size === 0 ? undefined : this.#partAt;
		for (const { users, beat, nextAt } of this.#lanes.values()) {
			if (users.size > 0 && beat === undefined && (due === undefined || nextAt < due)) due = nextAt;
		}
		return due;
	}

	#partOf(user: string): Set<string> {
		return this.#parts[spreadHash(user) % PARTS] as Set<string>;
	}

	#leave(user: string, now: number): void {
		this.#left.set(user, now + this.#lastWordMs);
		if (this.#left.size > MAX_LEFT) {
			for (const first of this.#left.keys()) {
				this.#left.delete(first);
				break;
			}
		}
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
			lane = {
				users: new Set(),
				beat: undefined,
				nextAt: Number.NEGATIVE_INFINITY,
				retryMs: RETRY_MS,
				maxUsers: MAX_USERS_PER_MESSAGE,
			};
			this.#lanes.set(owner, lane);
		}
		if (lane.users.size === 0) lane.nextAt = Math.max(lane.nextAt, now + WINDOW_MS);
		lane.users.add(user);
	}
}
