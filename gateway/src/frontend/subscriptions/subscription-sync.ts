import type { Ring } from '../../cluster/membership/ring.ts';
import { PeerQueue } from '../../outbox/peer-queue.ts';
import type { Registration, Registrations } from '../../state/topics/registration.ts';

/**
 * The most topics of one message: with the longest names it stays below the limit of a body between
 * nodes.
 */
export const MAX_TOPICS_PER_MESSAGE = 4_000;

/** The topics of this frontend. */
export interface Registered {
	/** Returns the registration of a topic; undefined when no viewer follows it any more. */
	registration(topic: string): Registration | undefined;
	topicNames(): Iterable<string>;
}

/** A message for a dispatcher. */
export interface RegistrationMessage {
	readonly to: string;
	readonly message: Registrations;
}

/** The registrations that wait for a dispatcher. */
interface WaitingRegistrations {
	readonly queue: PeerQueue<RegistrationMessage>;
	/** Topics whose newest count the dispatcher misses. */
	readonly changed: Set<string>;
	/** A digest: of all topics, or of the rest of them, with its first `seq`. */
	digest: 'due' | { left: string[]; readonly since: number } | undefined;
}

/**
 * Registers each topic with the dispatcher that owns it: changes at once, all topics in digests. It
 * repeats a message until it arrives, with the newest counts. Deterministic.
 */
export class SubscriptionSync {
	readonly #frontend: string;
	readonly #incarnation: number;
	readonly #topics: Registered;
	readonly #queues = new Map<string, WaitingRegistrations>();
	#ring: Ring;
	#seq = 0;

	constructor(frontend: string, incarnation: number, topics: Registered, ring: Ring) {
		this.#frontend = frontend;
		this.#incarnation = incarnation;
		this.#topics = topics;
		this.#ring = ring;
		this.setRing(ring);
	}

	/** Whether every dispatcher has all that it needs. */
	get isIdle(): boolean {
		return [...this.#queues.values()].every((entry) => entry.queue.isIdle && !hasMessage(entry));
	}

	/** Sends every dispatcher a digest when the ring changed. */
	setRing(ring: Ring): void {
		// A new view with the same ring needs no digests.
		if (ring === this.#ring && this.#queues.size > 0) return;
		this.#ring = ring;
		for (const [node, { changed }] of this.#queues) {
			// A digest has the changes too, and a former owner does not need them.
			changed.clear();
			if (!ring.has(node)) this.#queues.delete(node);
		}
		for (const { node } of ring.members) {
			if (this.#queues.has(node)) continue;
			const queue = new PeerQueue<RegistrationMessage>({ maxEntries: MAX_TOPICS_PER_MESSAGE });
			this.#queues.set(node, { queue, changed: new Set(), digest: undefined });
		}
		// mutant: digests-at-view
		for (const entry of this.#queues.values()) entry.digest = 'due';
	}

	/** Sends every dispatcher a digest, which repairs lost messages. A digest in progress ends first. */
	digest(): void {
		// mutant: digests-at-times
		for (const entry of this.#queues.values()) entry.digest ??= 'due';
	}

	/** Takes a topic whose count changed, or that came or went. */
	changed(topic: string): void {
		const owner = this.#ring.owner(topic);
		if (owner !== undefined) this.#queues.get(owner)?.changed.add(topic);
	}

	/** Returns the messages to send now. */
	take(now: number): RegistrationMessage[] {
		const messages: RegistrationMessage[] = [];
		for (const [to, entry] of this.#queues) {
			if (now < entry.queue.readyAt || !hasMessage(entry)) continue;
			const outgoing = { to, message: this.#write(to, entry) };
			entry.queue.sent(outgoing);
			messages.push(outgoing);
		}
		return messages;
	}

	arrived(outgoing: RegistrationMessage): void {
		this.#queues.get(outgoing.to)?.queue.arrived(outgoing);
	}

	/** A message may not have arrived: its topics are registered again. */
	failed(outgoing: RegistrationMessage, now: number): void {
		const entry = this.#queues.get(outgoing.to);
		if (entry?.queue.failed(outgoing, now)) this.#putBack(entry, outgoing);
	}

	/** The dispatcher refused a message as too long: its topics follow in shorter ones. */
	tooLong(outgoing: RegistrationMessage, now: number): void {
		const entry = this.#queues.get(outgoing.to);
		const { topics, dropped } = outgoing.message;
		if (entry?.queue.tooLong(outgoing, topics.length + dropped.length, now)) this.#putBack(entry, outgoing);
	}

	/** The time of the next message; undefined when none waits. */
	get dueAt(): number | undefined {
		const dues = [...this.#queues.values()].filter(hasMessage).map(({ queue }) => queue.readyAt);
		const due = Math.min(...dues);
		return due === Number.POSITIVE_INFINITY ? undefined : due;
	}

	#putBack(entry: WaitingRegistrations, { message: { topics, dropped, digestSince } }: RegistrationMessage): void {
		// A digest has all of them again.
		if (digestSince !== undefined || entry.digest !== undefined) entry.digest = 'due';
		else {
			// mutant: registers-again
			for (const topic of [...topics.map((one) => one.topic), ...dropped]) this.changed(topic);
		}
	}

	#write(to: string, entry: WaitingRegistrations): Registrations {
		this.#seq++;
		if (entry.digest === 'due') {
			const left = [...this.#topics.topicNames()].filter((topic) => this.#ring.owner(topic) === to);
			entry.digest = { left, since: this.#seq };
		}
		const topics: Registration[] = [];
		const dropped: string[] = [];
		for (const topic of cut(entry, entry.queue.maxEntries)) {
			const registration = this.#topics.registration(topic);
			if (registration === undefined) dropped.push(topic);
			else topics.push(registration);
		}
		const digestSince = entry.digest?.left.length === 0 ? entry.digest.since : undefined;
		if (digestSince !== undefined) entry.digest = undefined;
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

function hasMessage({ changed, digest }: WaitingRegistrations): boolean {
	return changed.size > 0 || digest !== undefined;
}

/** Removes and returns up to `count` topics that wait, changes first. */
function cut(entry: WaitingRegistrations, count: number): Set<string> {
	const topics = new Set<string>();
	for (const topic of entry.changed) {
		if (topics.size >= count) return topics;
		entry.changed.delete(topic);
		topics.add(topic);
	}
	if (typeof entry.digest !== 'object') return topics;
	for (const topic of entry.digest.left.splice(0, count - topics.size)) topics.add(topic);
	return topics;
}
