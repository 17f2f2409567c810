import type { LikesRows } from '../delivery/likes.ts';
import { Outbox } from '../delivery/outbox.ts';
import type { Registrations } from '../delivery/registration.ts';
import type { Update, Updates } from '../delivery/update.ts';
import { SubscriptionTable } from './subscription-table.ts';

/** Topics that are read from the store at one time; the rest wait their turn. */
export const MAX_READS = 64;

/** One batch for one frontend. */
export interface Delivery {
	readonly frontend: string;
	readonly updates: Updates;
}

/**
 * The dispatcher as a state machine: news and registrations go in; deliveries for frontends and topics to be read from
 * the store come out. It does no I/O and asks no clock, so that a simulation can drive it.
 */
export class Dispatch {
	readonly table = new SubscriptionTable();
	readonly #outboxes = new Map<string, Outbox>();
	readonly #outboxWindowMs: number;
	/** Wanted from the store, each once, however many ask. */
	readonly #unread = new Set<string>();
	readonly #reading = new Set<string>();

	constructor(outboxWindowMs: number) {
		this.#outboxWindowMs = outboxWindowMs;
	}

	/** News from the Likes service or a peer. */
	publish(updates: Updates): void {
		for (const [topic, update] of updates) this.#spread(topic, update);
	}

	/** A frontend tells which topics it follows. */
	subscribe(message: Registrations, now: number): void {
		const { updates, reads } = this.table.subscribe(message, now);
		for (const [topic, state] of updates) this.#outbox(message.frontend).put(topic, state);
		for (const topic of reads) if (!this.#reading.has(topic)) this.#unread.add(topic);
	}

	/** Asks for all active topics to be read again, which heals what never reached this dispatcher. */
	reread(): void {
		for (const topic of this.table.topics()) if (!this.#reading.has(topic)) this.#unread.add(topic);
	}

	/** The topics to read from the store now; each must come back in `loaded` or `readFailed`. */
	takeReads(): string[] {
		const topics: string[] = [];
		for (const topic of this.#unread) {
			if (this.#reading.size >= MAX_READS) break;
			this.#unread.delete(topic);
			this.#reading.add(topic);
			topics.push(topic);
		}
		return topics;
	}

	/** The store answered: what it knows of the topic is complete. `at` is the time of the read. */
	loaded(topic: string, rows: LikesRows, at: number): void {
		this.#reading.delete(topic);
		this.#spread(topic, { rows, complete: true, sample: [], at });
	}

	/** The store did not answer. Who still needs the topic says so in the next digest. */
	readFailed(topic: string): void {
		this.#reading.delete(topic);
	}

	/** Drops rows that were not renewed. */
	expire(now: number): void {
		this.table.expire(now);
	}

	/** The batches that may leave now. */
	takeDeliveries(now: number): Delivery[] {
		const deliveries: Delivery[] = [];
		for (const [frontend, outbox] of this.#outboxes) {
			const updates = outbox.take(now);
			if (updates !== undefined) deliveries.push({ frontend, updates });
		}
		return deliveries;
	}

	/** How many updates found no room in an outbox so far; digests bring what they told. */
	get dropped(): number {
		let sum = 0;
		for (const outbox of this.#outboxes.values()) sum += outbox.dropped;
		return sum;
	}

	/** When the next batch may leave; undefined while none waits. */
	get dueAt(): number | undefined {
		let due: number | undefined;
		for (const outbox of this.#outboxes.values()) {
			if (outbox.dueAt !== undefined && (due === undefined || outbox.dueAt < due)) due = outbox.dueAt;
		}
		return due;
	}

	#spread(topic: string, update: Update): void {
		for (const frontend of this.table.merge(topic, update)) this.#outbox(frontend).put(topic, update);
	}

	#outbox(frontend: string): Outbox {
		let outbox = this.#outboxes.get(frontend);
		if (outbox === undefined) {
			outbox = new Outbox(this.#outboxWindowMs);
			this.#outboxes.set(frontend, outbox);
		}
		return outbox;
	}
}
