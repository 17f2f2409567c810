import { mergeUpdates, type Update, type Updates } from '../state/update.ts';
import { type Cut, cutNothing, mergeBatches, NO_UPDATES } from './batch.ts';
import { Window } from './window.ts';

/** The most topics in one outbox. It drops updates of further ones; the next digest brings them. */
export const MAX_OUTBOX_TOPICS = 100_000;

/** The wait before a failed batch leaves again, in milliseconds. */
export const RETRY_MS = 100;

/**
 * The updates that wait for one peer: one merged state for each topic, so a slow peer receives newer
 * states less often, and never more of them. One batch is in flight at a time; a failed batch merges
 * with later updates.
 */
export class Outbox {
	readonly #window: Window;
	readonly #maxTopics: number;
	/** Updates that arrived after the last batch was cut. */
	#waiting = NO_UPDATES;
	/** Updates that did not fit into the last batch: they leave first, unmerged, so that outboxes share the batch. */
	#rest = NO_UPDATES;
	/** The same object as `#waiting` while only this outbox uses it, so that it may change. */
	#own: Map<string, Update> | undefined;
	#underWay: Updates | undefined;
	#retryAt = Number.NEGATIVE_INFINITY;
	#dropped = 0;

	/** `windowMs`: at most one batch leaves in this time. */
	constructor(windowMs: number, maxTopics = MAX_OUTBOX_TOPICS) {
		this.#window = new Window(windowMs);
		this.#maxTopics = maxTopics;
	}

	/** The time in which at most one batch leaves, in milliseconds. */
	get windowMs(): number {
		return this.#window.lengthMs;
	}

	set windowMs(lengthMs) {
		this.#window.lengthMs = lengthMs;
	}

	/** The number of updates that found no room. */
	get dropped(): number {
		return this.#dropped;
	}

	/** Whether no update waits and no batch is in flight. */
	get isEmpty(): boolean {
		return this.size === 0 && this.#underWay === undefined;
	}

	/** The number of waiting topics; a topic that waits in two states counts twice. */
	get size(): number {
		return this.#waiting.size + this.#rest.size;
	}

	/** When a batch may leave; undefined while no update waits, or a batch is in flight. */
	get dueAt(): number | undefined {
		if (this.size === 0 || this.#underWay !== undefined) return undefined;
		return Math.max(this.#window.opensAt, this.#retryAt);
	}

	/** Returns the updates that wait; later ones do not change the result. */
	waiting(): Updates {
		// Merges are cached by their batches, and the caller may keep this one, so it must not change.
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

	/** Puts a batch that other outboxes may share, and that does not change any more. */
	putAll(updates: Updates): void {
		this.#join(updates, (waiting) => (waiting.size === 0 ? updates : mergeBatches(waiting, updates)));
	}

	/** Returns the due updates that fit; in flight from now on, until `arrived` or `failed`. */
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
		// The remainder of a long update waits with later updates, so that one topic does not delay the others.
		if (remainder.size > 0) this.#join(remainder, (waiting) => mergeBatches(remainder, waiting));
		this.#underWay = batch;
		this.#window.depart(now);
		return batch;
	}

	/** Notes that the batch arrived. Ignores a batch that is not in flight. */
	arrived(batch: Updates): void {
		if (batch !== this.#underWay) return;
		this.#underWay = undefined;
		this.#retryAt = Number.NEGATIVE_INFINITY;
	}

	/** Puts a batch back that did not arrive, or whose receiver did not confirm it. */
	failed(batch: Updates, now: number): void {
		if (batch !== this.#underWay) return;
		this.#underWay = undefined;
		this.#retryAt = now + RETRY_MS;
		// mutant: keeps-failed-batch
		this.#join(batch, (waiting) => mergeBatches(batch, waiting));
	}

	/** Returns all updates that did not arrive, and empties the outbox. */
	clear(): Updates {
		if (this.#underWay !== undefined) this.failed(this.#underWay, Number.NEGATIVE_INFINITY);
		const waiting = this.waiting();
		this.#waiting = NO_UPDATES;
		this.#rest = NO_UPDATES;
		this.#own = undefined;
		return waiting;
	}

	/** Adds a batch to the waiting updates; `merge` returns a batch that other outboxes may share. */
	#join(batch: Updates, merge: (waiting: Updates) => Updates): void {
		if (this.#own === undefined && this.size + batch.size <= this.#maxTopics) {
			this.#waiting = merge(this.#waiting);
		} else for (const [topic, update] of batch) this.put(topic, update);
	}
}
