import { knowledgeOf, mergeLikes } from '../../state/counters.ts';
import { keptOf, mergeValues } from '../../state/registers.ts';
import type { DigestedTopic } from '../../state/topics/digest-sums.ts';
import { type Digest, MAX_UNREAD, type Registration, type Registrations } from '../../state/topics/registration.ts';
import { followedTopic } from '../../state/topics/topic.ts';
import { type Known, mergeUpdates, type Update } from '../../state/update.ts';
import { Leases, type Subscriber } from './leases.ts';
import { type Entry, hashOf, NOTHING_KNOWN, newEntry, type Row } from './table-entry.ts';

/**
 * The least time between two answers with the state of a topic to one frontend, in milliseconds. The
 * hash of a topic that changes all the time differs in every message, and a frontend sends a message
 * whenever viewers join and leave.
 */
export const ANSWER_PERIOD_MS = 5_000;

/** The result of the registrations of a frontend. */
export interface Answer {
	/** The states that the frontend does not have. */
	readonly updates: ReadonlyMap<string, Update>;
	/** Topics to read from the store, because their state is not complete. */
	readonly reads: readonly string[];
	/** Topics with known likes and a state that differs: the frontend may have registers of another owner. */
	readonly mismatched: readonly string[];
	/** Whether the table has exactly the rows of the frontend; undefined without a digest. */
	readonly hasAllRows: boolean | undefined;
	/** The sums of the buckets, when a digest differs that lists none; else undefined. */
	readonly buckets: string | undefined;
}

/** The answer to a message that came after a later one: its sender does not wait for it any more. */
const LATE: Answer = { updates: new Map(), reads: [], mismatched: [], hasAllRows: undefined, buckets: undefined };

const NOTHING_LISTED: NonNullable<Digest['listed']> = { buckets: [], since: 0 };

/**
 * The frontends with viewers of each topic, and the merged state of these topics. Soft state: each
 * message of a frontend renews its lease, and all of its rows go when that ends. Deterministic; `now`
 * is the monotonic clock of the owner.
 */
export class SubscriptionTable {
	readonly #entries = new Map<string, Entry>();
	readonly #leases = new Leases((subscriber, topic) => this.#digestedFor(subscriber, topic));
	#rowCount = 0;
	#recounted = new Set<string>();

	/** The number of topics with rows. */
	get topicCount(): number {
		return this.#entries.size;
	}

	/** The number of rows. */
	get rowCount(): number {
		return this.#rowCount;
	}

	has(topic: string): boolean {
		return this.#entries.has(followedTopic(topic));
	}

	/** Returns the state of a topic; undefined when no frontend follows it. */
	state(topic: string): Update | undefined {
		const followed = followedTopic(topic);
		const entry = this.#entries.get(followed);
		return followed === topic ? entry?.state : entry?.comments.state(topic);
	}

	topics(): Iterable<string> {
		return this.#entries.keys();
	}

	/** Returns the frontends that follow a topic. */
	frontends(topic: string): Iterable<string> {
		return this.#entries.get(followedTopic(topic))?.rows.keys() ?? [];
	}

	/** Returns a text that names the frontends that follow a topic: the same text for the same frontends. */
	audience(topic: string): string {
		const entry = this.#entries.get(followedTopic(topic));
		if (entry === undefined) return '';
		entry.audience ??= [...entry.rows.keys()].sort().join();
		return entry.audience;
	}

	/** Returns the number of connections that follow the topic, over all frontends. */
	viewers(topic: string): number {
		let sum = 0;
		for (const { count } of this.#entries.get(topic)?.rows.values() ?? []) sum += count;
		return sum;
	}

	/**
	 * Returns the registration of a topic at another dispatcher, with which these frontends count as one;
	 * undefined when none follows it.
	 */
	registration(topic: string): Registration | undefined {
		const entry = this.#entries.get(topic);
		if (entry === undefined) return undefined;
		const { state, comments } = entry;
		const unread = comments.incomplete(MAX_UNREAD);
		return {
			topic,
			count: this.viewers(topic),
			hash: state.complete ? hashOf(entry) : undefined,
			revision: knowledgeOf(state.rows),
			...(unread.length > 0 && { unread }),
		};
	}

	/** Returns the topics whose viewers changed since the last call, also topics without a row by now. */
	takeRecounted(): ReadonlySet<string> {
		const recounted = this.#recounted;
		this.#recounted = new Set();
		return recounted;
	}

	/** Registers the topics of a frontend. Returns what the frontend does not have, and the topics to read. */
	subscribe(message: Registrations, now: number): Answer {
		// Rows of earlier lives are void.
		this.dropFrontend(message.frontend, message.incarnation);
		const subscriber = this.#leases.renew(message, now);
		if (subscriber === undefined) return LATE;
		const updates = new Map<string, Update>();
		const reads: string[] = [];
		const mismatched: string[] = [];
		for (const registration of message.topics) {
			const { topic, hash, revision, unread = [] } = registration;
			const { entry, row } = this.#register(subscriber, registration, message.seq);
			const { state } = entry;
			const known = knowledgeOf(state.rows);
			const isAnswered = hash !== undefined && now - row.answeredAt < ANSWER_PERIOD_MS;
			if (state.complete && /* mutant: compares-digests */ hashOf(entry) !== hash && !isAnswered) {
				updates.set(topic, state);
				for (const [comment, likes] of entry.comments.newest()) updates.set(comment, likes);
				if (hash !== undefined) {
					row.answeredAt = now;
					if (revision === known) mismatched.push(topic);
				}
			}
			// A flood may have reached the frontend and not this owner: then only the store has the update.
			if (!state.complete || revision > known) reads.push(topic);
			for (const comment of unread) {
				const likes = entry.comments.state(comment);
				if (likes?.complete) updates.set(comment, likes);
				else if (followedTopic(comment) === topic) reads.push(comment);
			}
		}
		for (const topic of message.dropped) this.#drop(subscriber, topic);
		return { updates, reads, mismatched, ...this.#compare(subscriber, message.digest) };
	}

	/** Returns whether the topic has a complete state that contains all of this. */
	knows(topic: string, { rows, values }: Known): boolean {
		const state = this.state(topic);
		if (!state?.complete) return false;
		return mergeLikes(state.rows, rows) === state.rows && mergeValues(state.values, values) === state.values;
	}

	/**
	 * Merges an update into the state of a topic that a frontend follows. Returns the topics whose state
	 * is complete only after a read of the store.
	 */
	merge(topic: string, update: Update): readonly string[] {
		const followed = followedTopic(topic);
		const entry = this.#entries.get(followed);
		if (entry === undefined) return [];
		if (followed !== topic) {
			if (entry.comments.merge(topic, update) === undefined) return [];
			this.#changed(followed, entry);
			return entry.comments.state(topic)?.complete ? [] : [topic];
		}
		const kept = keptOf(update.values);
		const lasting: Update = { ...update, sample: [], log: undefined, values: kept };
		const { rows, complete, at, values } = mergeUpdates(entry.state, lasting);
		const before = entry.state;
		const unread = rows === before.rows ? [] : entry.comments.raise(rows);
		entry.state = { rows, complete, sample: [], at, ...(values && { values }) };
		if (rows !== before.rows || values !== before.values || complete !== before.complete) {
			this.#changed(topic, entry);
		}
		return unread;
	}

	/** Drops the state of some topics and keeps their rows; the caller must read the state again. */
	forget(isForgotten: (topic: string) => boolean): void {
		for (const [topic, entry] of this.#entries) {
			if (!isForgotten(topic)) continue;
			entry.state = NOTHING_KNOWN;
			this.#changed(topic, entry);
		}
	}

	/** Drops the rows of the frontends whose lease is over. */
	expire(now: number): void {
		for (const { frontend } of this.#leases.over(now)) this.dropFrontend(frontend);
	}

	/** Drops all rows of a frontend; with `before`, only those of an earlier incarnation. */
	dropFrontend(frontend: string, before?: number): void {
		const subscriber = this.#leases.of(frontend, before);
		if (subscriber === undefined) return;
		for (const topic of subscriber.sums.topics()) this.#drop(subscriber, topic);
		this.#leases.end(subscriber);
	}

	#register(subscriber: Subscriber, { topic, count }: Registration, seq: number) {
		const { frontend, sums } = subscriber;
		const entry = this.#entries.get(topic) ?? newEntry();
		const known = entry.rows.get(frontend);
		if (known?.count !== count) {
			sums.touch(topic);
			this.#recounted.add(topic);
		}
		// In place, since a list may have thousands of rows.
		if (known !== undefined) return { entry, row: Object.assign(known, { count, seq }) };
		const row: Row = { count, seq, answeredAt: Number.NEGATIVE_INFINITY };
		this.#rowCount++;
		entry.audience = undefined;
		entry.rows.set(frontend, row);
		this.#entries.set(topic, entry);
		return { entry, row };
	}

	/** Drops the rows that a list does not name, and compares the rest with the digest. */
	#compare(subscriber: Subscriber, digest: Digest | undefined): Pick<Answer, 'hasAllRows' | 'buckets'> {
		if (digest === undefined) return { hasAllRows: undefined, buckets: undefined };
		const { frontend, sums } = subscriber;
		const { rows, states, listed } = digest;
		const { buckets, since } = listed ?? NOTHING_LISTED;
		for (const topic of sums.topicsIn(buckets)) {
			const row = this.#entries.get(topic)?.rows.get(frontend);
			if (row !== undefined && /* mutant: drops-unlisted-rows */ row.seq < since) this.#drop(subscriber, topic);
		}
		const hasAllRows = /* mutant: compares-rows */ sums.rows === rows;
		const differs = !hasAllRows || sums.states !== states;
		return { hasAllRows, buckets: differs && listed === undefined ? sums.buckets : undefined };
	}

	/** Returns what the sums of a frontend have of a topic, and names the frontend when that changes. */
	#digestedFor(subscriber: Subscriber, topic: string): DigestedTopic | undefined {
		const entry = this.#entries.get(topic);
		const row = entry?.rows.get(subscriber.frontend);
		if (entry === undefined || row === undefined) return undefined;
		entry.summedFor.add(subscriber);
		return { count: row.count, hash: entry.state.complete ? hashOf(entry) : undefined };
	}

	/** Notes that a state changed: each sum with the old one reads it again once, however often it changes. */
	#changed(topic: string, entry: Entry): void {
		entry.hash = undefined;
		for (const { sums } of entry.summedFor) {
			// mutant: touches-sums
			sums.touch(topic);
		}
		entry.summedFor.clear();
	}

	#drop(subscriber: Subscriber, topic: string): void {
		const { frontend, sums } = subscriber;
		const entry = this.#entries.get(topic);
		if (!entry?.rows.delete(frontend)) return;
		this.#rowCount--;
		entry.audience = undefined;
		entry.summedFor.delete(subscriber);
		if (entry.rows.size === 0) this.#entries.delete(topic);
		sums.touch(topic);
		this.#recounted.add(topic);
	}
}
