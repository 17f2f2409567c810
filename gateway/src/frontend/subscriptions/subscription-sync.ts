import type { Ring } from '../../cluster/membership/ring.ts';
import { PeerQueue } from '../../outbox/peer-queue.ts';
import { DigestSums } from '../../state/topics/digest-sums.ts';
import type { Digest, Registration, Registrations } from '../../state/topics/registration.ts';

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
	/** The sums over the topics that the dispatcher owns. */
	readonly sums: DigestSums;
	/** Of these topics, those with comments that the dispatcher has to read. */
	readonly unread: Set<string>;
	digest: 'due' | DigestList | undefined;
}

/** The topics of the buckets that differ, of which each message takes some. */
interface DigestList {
	readonly buckets: readonly number[];
	readonly left: string[];
	/** The lowest number of a message that takes some. */
	readonly since: number;
}

/**
 * Registers each topic with the dispatcher that owns it: changes at once, and in digests those whose
 * buckets differ. It repeats a message until it arrives, with the newest counts. Deterministic.
 */
export class SubscriptionSync {
	readonly #frontend: string;
	readonly #incarnation: number;
	readonly #topics: Registered;
	readonly #queues = new Map<string, WaitingRegistrations>();
	/** Topics that changed since the sums were asked last. */
	readonly #touched = new Set<string>();
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
		const changed = [...this.#queues.values()].flatMap((entry) => [...entry.changed]);
		for (const node of this.#queues.keys()) if (!ring.has(node)) this.#queues.delete(node);
		for (const { node } of ring.members) {
			const queue = this.#queues.get(node)?.queue;
			this.#queues.set(node, this.#createEntry(queue ?? new PeerQueue({ maxEntries: MAX_TOPICS_PER_MESSAGE })));
		}
		// A topic may have another owner now.
		for (const topic of changed) this.changed(topic);
		for (const topic of this.#topics.topicNames()) this.touched(topic);
		// mutant: digests-at-view
		for (const entry of this.#queues.values()) entry.digest = 'due';
	}

	/** Sends every dispatcher a digest, which repairs lost messages. A digest in progress ends first. */
	digest(): void {
		// Also for dispatchers that do not answer, so that no names of topics gather.
		this.#updateSums();
		// mutant: digests-at-times
		for (const entry of this.#queues.values()) entry.digest ??= 'due';
	}

	/** Takes a topic whose count changed, or that came or went. */
	changed(topic: string): void {
		this.touched(topic);
		const owner = this.#ring.owner(topic);
		if (owner !== undefined) this.#queues.get(owner)?.changed.add(topic);
	}

	/** Takes a topic whose state changed: the next digest has it. */
	touched(topic: string): void {
		this.#touched.add(topic);
	}

	/** Returns the messages to send now. */
	take(now: number): RegistrationMessage[] {
		const messages: RegistrationMessage[] = [];
		for (const [to, entry] of this.#queues) {
			if (now < entry.queue.readyAt || !hasMessage(entry)) continue;
			const outgoing = { to, message: this.#write(entry) };
			entry.queue.sent(outgoing);
			messages.push(outgoing);
		}
		return messages;
	}

	/** A message arrived. `buckets`: the sums of the dispatcher, when its answer to a digest has them. */
	arrived(outgoing: RegistrationMessage, buckets?: string): void {
		const entry = this.#queues.get(outgoing.to);
		if (!entry?.queue.arrived(outgoing) || buckets === undefined || entry.digest !== undefined) return;
		this.#updateSums();
		// mutant: lists-buckets
		entry.digest = listOf(entry.sums, buckets, this.#seq + 1);
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

	#createEntry(queue: WaitingRegistrations['queue']): WaitingRegistrations {
		const unread = new Set<string>();
		const sums = new DigestSums((topic) => {
			const registration = this.#topics.registration(topic);
			if (registration?.unread) unread.add(topic);
			else unread.delete(topic);
			return registration;
		});
		return { queue, changed: new Set(), sums, unread, digest: undefined };
	}

	#putBack(entry: WaitingRegistrations, { message: { topics, dropped, digest } }: RegistrationMessage): void {
		if (digest !== undefined || entry.digest !== undefined) entry.digest = 'due';
		// Also topics of a list: the dispatcher takes no message of a lower number than that of the next one.
		// mutant: registers-again
		for (const topic of [...topics.map((one) => one.topic), ...dropped]) this.changed(topic);
	}

	/** Has the sums read the topics that changed. */
	#updateSums(): void {
		for (const topic of this.#touched) this.#queues.get(this.#ring.owner(topic) ?? '')?.sums.touch(topic);
		this.#touched.clear();
		for (const { sums } of this.#queues.values()) sums.update();
	}

	#write(entry: WaitingRegistrations): Registrations {
		this.#seq++;
		if (entry.digest === 'due') {
			this.#updateSums();
			// Sums do not name comments.
			for (const topic of entry.unread) entry.changed.add(topic);
		}
		const topics: Registration[] = [];
		const dropped: string[] = [];
		for (const topic of cut(entry, entry.queue.maxEntries)) {
			const registration = this.#topics.registration(topic);
			if (registration === undefined) dropped.push(topic);
			else topics.push(registration);
		}
		const { view } = this.#ring;
		return {
			frontend: this.#frontend,
			incarnation: this.#incarnation,
			seq: this.#seq,
			view,
			digest: this.#takeDigest(entry),
			topics,
			dropped,
		};
	}

	/** Returns the digest of the message that has the last changes, and the last topics of a list. */
	#takeDigest(entry: WaitingRegistrations): Digest | undefined {
		const { digest, sums, changed } = entry;
		if (digest === undefined || changed.size > 0 || (digest !== 'due' && digest.left.length > 0)) return undefined;
		entry.digest = undefined;
		this.#updateSums();
		const { rows, states } = sums;
		if (digest === 'due') return { rows, states };
		return { rows, states, listed: { buckets: digest.buckets, since: digest.since } };
	}
}

/** Returns the topics to list; undefined when no bucket differs any more. */
function listOf(sums: DigestSums, theirs: string, since: number): DigestList | undefined {
	const buckets = sums.differing(theirs);
	return buckets.length === 0 ? undefined : { buckets, left: sums.topicsIn(buckets), since };
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
