import { Window } from '../outbox/window.ts';

export interface GroupCommitOptions {
	/** At most one transaction begins in this time, in milliseconds, unless `maxBatch` items wait. */
	readonly windowMs: number;
	/** The most items of one transaction. */
	readonly maxBatch: number;
	/** The most items that wait; further ones are refused. */
	readonly maxWaiting: number;
}

/**
 * Gathers items into transactions: the first item after a quiet time leaves at once, and later ones
 * once per window. One transaction runs at a time; items that arrive during it gather for the next
 * one, so a slow disk makes batches larger. Deterministic.
 */
export class GroupCommit<Item> {
	readonly #options: GroupCommitOptions;
	readonly #window: Window;
	#waiting: Item[] = [];
	#running = false;

	constructor(options: GroupCommitOptions) {
		this.#options = options;
		this.#window = new Window(options.windowMs);
	}

	/** Whether no item waits and no transaction runs. */
	get idle(): boolean {
		return this.#waiting.length === 0 && !this.#running;
	}

	/** Adds an item. Returns false, and refuses it, when too many wait. */
	add(item: Item): boolean {
		if (this.#waiting.length >= this.#options.maxWaiting) return false;
		this.#waiting.push(item);
		return true;
	}

	/** When `take` returns the next batch; undefined while a transaction runs or no item waits. */
	get dueAt(): number | undefined {
		if (this.#running || this.#waiting.length === 0) return undefined;
		return this.#waiting.length >= this.#options.maxBatch ? Number.NEGATIVE_INFINITY : this.#window.opensAt;
	}

	/** Returns the next transaction, if one is due; it runs until `finish`. */
	take(now: number): Item[] | undefined {
		const { dueAt } = this;
		if (dueAt === undefined || dueAt > now) return undefined;
		this.#window.depart(now);
		this.#running = true;
		return this.#waiting.splice(0, this.#options.maxBatch);
	}

	/** Notes the end of the transaction, by success or failure. */
	finish(): void {
		this.#running = false;
	}
}
