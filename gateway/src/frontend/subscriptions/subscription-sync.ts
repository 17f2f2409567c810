import type { Ring } from '../../cluster/membership/ring.ts';
import { PeerQueue } from '../../outbox/peer-queue.ts';
import type { Registration, Registrations } from '../../state/topics/registration.ts';

/** Topics of one message: with the longest names it stays below the bound of a body between nodes. */
export const MAX_TOPICS_PER_MESSAGE = 4_000;

/** The topics of this frontend. */
export interface Registered {
	/** What to say of a topic; undefined when it is not followed any more. */
	registration(topic: string): Registration | undefined;
	topicNames(): Iterable<string>;
}

/** A message for a dispatcher. */
export interface RegistrationMessage {
	readonly to: string;
	readonly message: Registrations;
}

/** What waits for a dispatcher. */
interface RelayQueue {
	readonly queue: PeerQueue<RegistrationMessage>;
	/** Topics whose newest count it lacks. */
	readonly changed: Set<string>;
	/** A digest: of all topics, or of those that are left, with the first `seq` of it. */
	digest: 'due' | { left: string[]; readonly since: number } | undefined;
}

/**
 * Registers each topic with the dispatcher that owns it: changes at once, everything in digests. A message is repeated until
 * it arrives, with what is true by then. Deterministic.
 */
export class SubscriptionSync {
	readonly #frontend: string;
	readonly #incarnation: number;
	readonly #topics: Registered;
	readonly #lanes = new Map<string, RelayQueue>();
	#ring: Ring;
	#seq = 0;

	constructor(frontend: string, incarnation: number, topics: Registered, ring: Ring) {
		this.#frontend = frontend;
		this.#incarnation = incarnation;
		this.#topics = topics;
		this.#ring = ring;
		this.setRing(ring);
	}

	/** Every dispatcher has all that it needs. */
	get isIdle(): boolean {
		return [...this.#lanes.values()].every((lane) => lane.queue.isIdle && !hasMessage(lane));
	}

	/** Topics have other owners now, perhaps: every dispatcher gets a digest. */
	setRing(ring: Ring): void {
		// Something else changed in the cluster, which is no reason for digests.
		if (ring === this.#ring && this.#lanes.size > 0) return;
		this.#ring = ring;
		for (const [node, { changed }] of this.#lanes) {
			// A digest has the changes too, and they do not concern a former owner.
			changed.clear();
			if (!ring.has(node)) this.#lanes.delete(node);
		}
		for (const { node } of ring.members) {
			if (this.#lanes.has(node)) continue;
			const queue = new PeerQueue<RegistrationMessage>({ maxEntries: MAX_TOPICS_PER_MESSAGE });
			this.#lanes.set(node, { queue, changed: new Set(), digest: undefined });
		}
		// mutant: digests-at-view
		for (const lane of this.#lanes.values()) lane.digest = 'due';
	}

	/** Every dispatcher gets a digest, which heals what got lost. One that is under way comes to its end first. */
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
	take(now: number): RegistrationMessage[] {
		const letters: RegistrationMessage[] = [];
		for (const [to, lane] of this.#lanes) {
			if (now < lane.queue.readyAt || !hasMessage(lane)) continue;
			const letter = { to, message: this.#write(to, lane) };
			lane.queue.sent(letter);
			letters.push(letter);
		}
		return letters;
	}

	/** A message is there. */
	arrived(letter: RegistrationMessage): void {
		this.#lanes.get(letter.to)?.queue.arrived(letter);
	}

	/** A message is not there, or its dispatcher did not say so: its topics are registered again. */
	failed(letter: RegistrationMessage, now: number): void {
		const lane = this.#lanes.get(letter.to);
		if (lane?.queue.failed(letter, now)) this.#putBack(lane, letter);
	}

	/** The dispatcher refused a message as too long: its topics follow in shorter ones. */
	tooLong(letter: RegistrationMessage, now: number): void {
		const lane = this.#lanes.get(letter.to);
		const { topics, dropped } = letter.message;
		if (lane?.queue.tooLong(letter, topics.length + dropped.length, now)) this.#putBack(lane, letter);
	}

	/** When `take` has something; undefined when nothing waits. */
	get dueAt(): number | undefined {
		const dues = [...this.#lanes.values()].filter(hasMessage).map(({ queue }) => queue.readyAt);
		const due = Math.min(...dues);
		return due === Number.POSITIVE_INFINITY ? undefined : due;
	}

	#putBack(lane: RelayQueue, { message: { topics, dropped, digestSince } }: RegistrationMessage): void {
		// A digest has them all again.
		if (digestSince !== undefined || lane.digest !== undefined) lane.digest = 'due';
		else {
			// mutant: registers-again
			for (const topic of [...topics.map((one) => one.topic), ...dropped]) this.changed(topic);
		}
	}

	#write(to: string, lane: RelayQueue): Registrations {
		this.#seq++;
		if (lane.digest === 'due') {
			const left = [...this.#topics.topicNames()].filter((topic) => this.#ring.owner(topic) === to);
			lane.digest = { left, since: this.#seq };
		}
		const topics: Registration[] = [];
		const dropped: string[] = [];
		for (const topic of cut(lane, lane.queue.maxEntries)) {
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

function hasMessage({ changed, digest }: RelayQueue): boolean {
	return changed.size > 0 || digest !== undefined;
}

/** Takes up to `count` topics off a lane, changes first. */
function cut(lane: RelayQueue, count: number): Set<string> {
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
