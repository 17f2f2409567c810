import type { Ring } from '../cluster/ring.ts';
import type { Registration, Registrations } from '../delivery/registration.ts';

/** Topics of one message: with the longest names it stays below the bound of a body between nodes. */
export const MAX_TOPICS_PER_MESSAGE = 4_000;

/** A message that did not arrive is made anew after so long, in milliseconds, … */
const RETRY_MS = 50;

/** … and after twice as long each time, up to this: a dispatcher that is behind gets further so, not more to do. */
export const MAX_RETRY_MS = 1_600;

/** The topics of this frontend. */
export interface Registered {
	/** What to say of a topic; undefined when it is not followed any more. */
	registration(topic: string): Registration | undefined;
	topicNames(): Iterable<string>;
}

/** A message for a dispatcher. */
export interface Letter {
	readonly to: string;
	readonly message: Registrations;
}

/** What a dispatcher is still to be told. */
interface Lane {
	/** Topics of which it does not know the newest count. */
	readonly changed: Set<string>;
	/** The digest it is to get: all topics, or those that are left of it and the first `seq` of it. */
	digest: 'due' | { left: string[]; readonly since: number } | undefined;
	/** The message under way; one at a time. */
	letter: Letter | undefined;
	retryAt: number;
	/** How long to wait after the next failure. */
	retryMs: number;
	/** Topics of one message. */
	maxTopics: number;
}

/**
 * Tells each topic to the dispatcher that owns it: changes at once, everything in digests. A message is repeated until
 * it arrived, with what is true by then. Deterministic.
 */
export class Registrar {
	readonly #frontend: string;
	readonly #incarnation: number;
	readonly #topics: Registered;
	readonly #lanes = new Map<string, Lane>();
	#ring: Ring;
	#seq = 0;

	constructor(frontend: string, incarnation: number, topics: Registered, ring: Ring) {
		this.#frontend = frontend;
		this.#incarnation = incarnation;
		this.#topics = topics;
		this.#ring = ring;
		this.setRing(ring);
	}

	/** Everything told has arrived. */
	get isIdle(): boolean {
		for (const { changed, digest, letter } of this.#lanes.values()) {
			if (changed.size > 0 || digest !== undefined || letter !== undefined) return false;
		}
		return true;
	}

	/** Topics have other owners now, perhaps: every dispatcher gets a digest. */
	setRing(ring: Ring): void {
		// Something else changed in the cluster; that is no reason to tell everything.
		if (ring === this.#ring && this.#lanes.size > 0) return;
		this.#ring = ring;
		for (const [node, { changed }] of this.#lanes) {
			// The digest tells of what changed, too, and whoever owns it no more should not hear of it.
			changed.clear();
			if (!ring.has(node)) this.#lanes.delete(node);
		}
		for (const { node } of ring.members) {
			if (!this.#lanes.has(node)) {
				this.#lanes.set(node, {
					changed: new Set(),
					digest: undefined,
					letter: undefined,
					retryAt: 0,
					retryMs: RETRY_MS,
					maxTopics: MAX_TOPICS_PER_MESSAGE,
				});
			}
		}
		// mutant: digests-at-view
		for (const lane of this.#lanes.values()) lane.digest = 'due';
	}

	/** Every dispatcher is to be told everything, which heals what got lost. One that is being told hears the end of it. */
	digest(): void {
		// mutant: digests-at-times
		for (const lane of this.#lanes.values()) lane.digest ??= 'due';
	}

	/** The count of a topic changed, or the topic came or went. */
	changed(topic: string): void {
		const owner = this.#ring.owner(topic);
		if (owner !== undefined) this.#lanes.get(owner)?.changed.add(topic);
	}

	/** The messages that may leave now. */
	take(now: number): Letter[] {
		const letters: Letter[] = [];
		for (const [to, lane] of this.#lanes) {
			if (lane.letter !== undefined || now < lane.retryAt) continue;
			if (lane.changed.size === 0 && lane.digest === undefined) continue;
			lane.letter = { to, message: this.#write(to, lane) };
			letters.push(lane.letter);
		}
		return letters;
	}

	/** A message is there. */
	arrived(letter: Letter): void {
		const lane = this.#lanes.get(letter.to);
		if (lane?.letter !== letter) return;
		lane.letter = undefined;
		lane.retryMs = RETRY_MS;
	}

	/** A message is not there, or nobody said so: its topics are told anew. */
	failed(letter: Letter, now: number): void {
		const lane = this.#lanes.get(letter.to);
		if (lane?.letter !== letter) return;
		const { topics, dropped, digestSince } = letter.message;
		lane.letter = undefined;
		lane.retryAt = now + lane.retryMs;
		lane.retryMs = Math.min(2 * lane.retryMs, MAX_RETRY_MS);
		// A digest tells them all again.
		if (digestSince !== undefined || lane.digest !== undefined) lane.digest = 'due';
		else {
			// mutant: registers-again
			for (const topic of [...topics.map((one) => one.topic), ...dropped]) this.changed(topic);
		}
	}

	/** The dispatcher refused a message as too long: its topics are told in shorter ones. */
	tooLong(letter: Letter, now: number): void {
		const lane = this.#lanes.get(letter.to);
		if (lane?.letter !== letter) return;
		const { topics, dropped } = letter.message;
		lane.maxTopics = Math.max(1, Math.floor((topics.length + dropped.length) / 2));
		this.failed(letter, now);
	}

	/** When `take` has something; undefined when nothing is to be told. */
	get dueAt(): number | undefined {
		let due: number | undefined;
		for (const { changed, digest, letter, retryAt } of this.#lanes.values()) {
			if (letter !== undefined || (changed.size === 0 && digest === undefined)) continue;
			if (due === undefined || retryAt < due) due = retryAt;
		}
		return due;
	}

	#write(to: string, lane: Lane): Registrations {
		this.#seq++;
		if (lane.digest === 'due') {
			const left = [...this.#topics.topicNames()].filter((topic) => this.#ring.owner(topic) === to);
			lane.digest = { left, since: this.#seq };
		}
		const topics: Registration[] = [];
		const dropped: string[] = [];
		for (const topic of cut(lane, lane.maxTopics)) {
			const registration = this.#topics.registration(topic);
			if (registration === undefined) dropped.push(topic);
			else topics.push(registration);
		}
		const digestSince = lane.digest?.left.length === 0 ? lane.digest.since : undefined;
		if (digestSince !== undefined) lane.digest = undefined;
		const { view } = this.#ring;
		return {
			frontend: this.#frontend,
			incarnation: this.#incarnation,
			seq: this.#seq,
			view,
			digestSince,
			topics,
			dropped,
		};
	}
}

/** Takes up to `count` topics off a lane, changes first. */
function cut(lane: Lane, count: number): Set<string> {
	const topics = new Set<string>();
	for (const topic of lane.changed) {
		if (topics.size >= count) return topics;
		lane.changed.delete(topic);
		topics.add(topic);
	}
	if (typeof lane.digest !== 'object') return topics;
	for (const topic of lane.digest.left.splice(0, count - topics.size)) topics.add(topic);
	return topics;
}
