import { mergeUpdates, type Update, type Updates } from '../state/update.ts';
import { type Cut, cutNothing, mergeBatches, NO_UPDATES } from './batch.ts';
import { Window } from './window.ts';

/** Topics that may wait in one outbox. Beyond it news of further topics are dropped; the next digest brings them. */
export const MAX_OUTBOX_TOPICS = 100_000;

/** A batch that did not arrive is sent again after so long, in milliseconds. */
export const RETRY_MS = 100;

/**
 * What waits for one hop: a merged state per topic, so a slow hop gets newer news less often and never more of them. One
 * batch is under way at a time; one that does not arrive merges with what came since.
 */
export class Outbox {
	readonly #window: Window;
	readonly #maxTopics: number;
	/** What came after the last batch was cut off … */
	#waiting = NO_UPDATES;
	/** … and what did not fit into it: sent first, and as it is. Merged with what came since, it would be one of a kind. */
	#rest = NO_UPDATES;
	/** `#waiting` itself, when it is this outbox's alone and may be changed. */
	#own: Map<string, Update> | undefined;
	#underWay: Updates | undefined;
	#retryAt = Number.NEGATIVE_INFINITY;
	#dropped = 0;

	/** `windowMs`: at most one batch leaves in it. */
	constructor(windowMs: number, maxTopics = MAX_OUTBOX_TOPICS) {
		this.#window = new Window(windowMs);
		this.#maxTopics = maxTopics;
	}

	/** How many updates found no room so far. */
	get dropped(): number {
		return this.#dropped;
	}

	/** Nothing waits, and nothing is under way. */
	get isEmpty(): boolean {
		return this.size === 0 && this.#underWay === undefined;
	}

	/** Topics that wait; those that wait in two states count twice. */
	get size(): number {
		return this.#waiting.size + this.#rest.size;
	}

	/** When a batch may leave; undefined while nothing waits, or the last one has not arrived. */
	get dueAt(): number | undefined {
		if (this.size === 0 || this.#underWay !== undefined) return undefined;
		return Math.max(this.#window.opensAt, this.#retryAt);
	}

	/** What is not under way yet, as it is now: what is put in later does not change it. */
	waiting(): Updates {
		// Merges are remembered by the batches they were made of, and whoever gets this one may keep it.
		this.#own = undefined;
		return mergeBatches(this.#rest, this.#waiting);
	}

	put(topic: string, update: Update): void {
		const waiting = this.#waiting.get(topic);
		if (waiting === undefined && this.size >= this.#maxTopics) {
			this.#dropped++;
			return;
		}
		if (this.#own === undefined) {
			this.#own = new Map(this.#waiting);
			this.#waiting = this.#own;
		}
		this.#own.set(topic, waiting === undefined ? update : mergeUpdates(waiting, update));
	}

	/** A batch that other outboxes may get as well, and that nobody changes any more. */
	putAll(updates: Updates): void {
		this.#join(updates, (waiting) => (waiting.size === 0 ? updates : mergeBatches(waiting, updates)));
	}

	/** What waits and fits, once it is due; under way from now on, until it arrived or failed. */
	take(now: number, cut: Cut = cutNothing): Updates | undefined {
		const { dueAt } = this;
		if (dueAt === undefined || now < dueAt) return undefined;
		if (this.#rest.size === 0) {
			this.#rest = this.#waiting;
			this.#waiting = NO_UPDATES;
			this.#own = undefined;
		}
		const [batch, rest, remainder = NO_UPDATES] = cut(this.#rest);
		// mutant: keeps-rest
		this.#rest = rest;
		// What is long waits with what comes from now on, so that no topic keeps the others waiting.
		if (remainder.size > 0) this.#join(remainder, (waiting) => mergeBatches(remainder, waiting));
		this.#underWay = batch;
		this.#window.depart(now);
		return batch;
	}

	/** The batch is there. One that is not under way any more changes nothing. */
	arrived(batch: Updates): void {
		if (batch !== this.#underWay) return;
		this.#underWay = undefined;
		this.#retryAt = Number.NEGATIVE_INFINITY;
	}

	/** The batch is not there, or it is and nobody said so: it waits again. */
	failed(batch: Updates, now: number): void {
		if (batch !== this.#underWay) return;
		this.#underWay = undefined;
		this.#retryAt = now + RETRY_MS;
		// mutant: keeps-failed-batch
		this.#join(batch, (waiting) => mergeBatches(batch, waiting));
	}

	/** All that did not arrive; the outbox is empty after it. */
	clear(): Updates {
		if (this.#underWay !== undefined) this.failed(this.#underWay, Number.NEGATIVE_INFINITY);
		const waiting = this.waiting();
		this.#waiting = NO_UPDATES;
		this.#rest = NO_UPDATES;
		this.#own = undefined;
		return waiting;
	}

	/** Lets a batch wait with what waits already: `merge` makes both to one that other outboxes may get as well. */
	#join(batch: Updates, merge: (waiting: Updates) => Updates): void {
		if (this.#own === undefined && this.size + batch.size <= this.#maxTopics) {
			this.#waiting = merge(this.#waiting);
		} else for (const [topic, update] of batch) this.put(topic, update);
	}
}
