import { hashLikes, NO_LIKES } from '../delivery/likes.ts';
import type { Registration, Registrations } from '../delivery/registration.ts';
import { mergeUpdates, type Update } from '../delivery/update.ts';

/** How long a frontend's word about a topic holds without being renewed, in milliseconds. */
export const ROW_LIFETIME_MS = 30_000;

/** One frontend that has viewers of a topic. */
interface Row {
	count: number;
	seq: number;
	expiresAt: number;
}

/** A topic somebody follows: who, and what is known of it. Dropped with its last row. */
interface Entry {
	readonly rows: Map<string, Row>;
	/** Never with a sample: a state is asked for by those who come later, to whom no like in it is news. */
	state: Update;
}

/** What a frontend must be told after it spoke, and what must be read first to be able to tell it. */
export interface Answer {
	readonly updates: ReadonlyMap<string, Update>;
	readonly reads: readonly string[];
}

const NOTHING_KNOWN: Update = { rows: NO_LIKES, complete: false, sample: [], at: 0 };

/**
 * Which frontends have viewers of which topic, and the merged state of each such topic. Soft state: frontends renew
 * their rows with digests, and a row that nobody renews expires. Deterministic; `now` is the owner's monotonic clock.
 */
export class SubscriptionTable {
	readonly #entries = new Map<string, Entry>();
	readonly #topicsOf = new Map<string, Set<string>>();

	get size(): number {
		return this.#entries.size;
	}

	topics(): Iterable<string> {
		return this.#entries.keys();
	}

	/** Connections that follow the topic, over all frontends. */
	viewers(topic: string): number {
		let sum = 0;
		for (const { count } of this.#entries.get(topic)?.rows.values() ?? []) sum += count;
		return sum;
	}

	/** Takes in what a frontend says of its topics, and names the states that differ from what it has. */
	subscribe({ frontend, seq, whole, topics, dropped }: Registrations, now: number): Answer {
		const updates = new Map<string, Update>();
		const reads: string[] = [];
		for (const registration of topics) {
			const entry = this.#register(frontend, seq, registration, now);
			if (!entry.state.complete) reads.push(registration.topic);
			else if (hashLikes(entry.state.rows) !== registration.hash) updates.set(registration.topic, entry.state);
		}
		for (const topic of whole ? this.#others(frontend, topics) : dropped) this.#dropOlder(frontend, topic, seq);
		return { updates, reads };
	}

	/** Merges news of a topic and names the frontends that want them: none when nobody follows it. */
	merge(topic: string, update: Update): Iterable<string> {
		const entry = this.#entries.get(topic);
		if (entry === undefined) return [];
		entry.state = { ...mergeUpdates(entry.state, update), sample: [] };
		return entry.rows.keys();
	}

	/** Drops the rows that nobody renewed. */
	expire(now: number): void {
		for (const [topic, { rows }] of this.#entries) {
			for (const [frontend, row] of rows) if (row.expiresAt <= now) this.#drop(frontend, topic);
		}
	}

	#register(frontend: string, seq: number, { topic, count }: Registration, now: number): Entry {
		const entry = this.#entries.get(topic) ?? { rows: new Map(), state: NOTHING_KNOWN };
		const row = entry.rows.get(frontend);
		if (row !== undefined && row.seq >= seq) return entry;
		entry.rows.set(frontend, { count, seq, expiresAt: now + ROW_LIFETIME_MS });
		this.#entries.set(topic, entry);
		const known = this.#topicsOf.get(frontend);
		if (known === undefined) this.#topicsOf.set(frontend, new Set([topic]));
		else known.add(topic);
		return entry;
	}

	/** The topics on the table for a frontend that are not among those it names. */
	#others(frontend: string, topics: readonly Registration[]): string[] {
		const named = new Set(topics.map(({ topic }) => topic));
		return [...(this.#topicsOf.get(frontend) ?? [])].filter((topic) => !named.has(topic));
	}

	#dropOlder(frontend: string, topic: string, seq: number): void {
		const row = this.#entries.get(topic)?.rows.get(frontend);
		if (row !== undefined && row.seq < seq) this.#drop(frontend, topic);
	}

	#drop(frontend: string, topic: string): void {
		const entry = this.#entries.get(topic);
		entry?.rows.delete(frontend);
		if (entry?.rows.size === 0) this.#entries.delete(topic);
		const topics = this.#topicsOf.get(frontend);
		topics?.delete(topic);
		if (topics?.size === 0) this.#topicsOf.delete(frontend);
	}
}
