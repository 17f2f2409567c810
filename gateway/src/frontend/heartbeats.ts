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

/** A message for a dispatcher: these people are there. */
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
}

/**
 * Tells the dispatchers who is there: each person to the one that their topic hashes to, at once when they come or when
 * that is another one, and then once in a period, at a time of their own. Who is gone is not told of: they may be back at
 * another frontend. Deterministic; `now` is the monotonic clock.
 */
export class Heartbeats {
	readonly #partMs: number;
	readonly #parts: readonly Set<string>[] = Array.from({ length: PARTS }, () => new Set<string>());
	readonly #lanes = new Map<string, Lane>();
	#ring: Ring;
	/** The part that is next, and when. */
	#part = 0;
	#partAt: number;
	#size = 0;

	/** Each person is told of every `everyMs`. */
	constructor(everyMs: number, ring: Ring, now: number) {
		this.#partMs = everyMs / PARTS;
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
			if (part.delete(user)) this.#size--;
			return;
		}
		if (part.has(user)) return;
		part.add(user);
		this.#size++;
		this.#want(user, now);
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
		for (const part of this.#parts) {
			for (const user of part) {
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
		const beats: Beat[] = [];
		for (const [to, lane] of this.#lanes) {
			if (lane.beat !== undefined || lane.users.size === 0 || now < lane.nextAt) continue;
			const users: string[] = [];
			for (const user of lane.users) {
				if (users.length >= MAX_USERS_PER_MESSAGE) break;
				lane.users.delete(user);
				// Gone meanwhile.
				if (this.#partOf(user).has(user)) users.push(user);
			}
			if (users.length === 0) continue;
			lane.beat = { to, users };
			lane.nextAt = now + (users.length < MAX_USERS_PER_MESSAGE ? 0 : FULL_WINDOW_MS);
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

	/** A message is not there, or nobody said so: who is there still is told of again. */
	failed(beat: Beat, now: number): void {
		const lane = this.#lanes.get(beat.to);
		if (lane?.beat !== beat) return;
		lane.beat = undefined;
		lane.nextAt = now + lane.retryMs;
		lane.retryMs = Math.min(2 * lane.retryMs, MAX_RETRY_MS);
		for (const user of beat.users) this.#want(user, now);
	}

	/** When `take` has something to do next; undefined while nobody is there. */
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

	/** It is the turn of those whose part of the period has come. */
	#turn(now: number): void {
		// After a stall each comes once, and not once for each period that was missed.
		for (let turns = 0; this.#partAt <= now && turns < PARTS; turns++) {
			this.#partAt += this.#partMs;
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
			lane = { users: new Set(), beat: undefined, nextAt: Number.NEGATIVE_INFINITY, retryMs: RETRY_MS };
			this.#lanes.set(owner, lane);
		}
		if (lane.users.size === 0) lane.nextAt = Math.max(lane.nextAt, now + WINDOW_MS);
		lane.users.add(user);
	}
}
