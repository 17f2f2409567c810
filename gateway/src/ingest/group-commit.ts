import { Window } from '../outbox/window.ts';

export interface GroupCommitOptions {
	/** At most one transaction begins in it, in milliseconds, unless `maxBatch` wait. */
	readonly windowMs: number;
	/** Most items of one transaction. */
	readonly maxBatch: number;
	/** Most items that wait; further ones are refused. */
	readonly maxWaiting: number;
}

/**
 * Gathers items into transactions: the first after a quiet time goes at once, then whatever arrived in a window is one.
 * One transaction runs at a time; what comes meanwhile gathers for the next, so a slow disk makes batches larger and
 * never the line longer. Deterministic.
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

	/** Nothing waits and nothing runs. */
	get idle(): boolean {
		return this.#waiting.length === 0 && !this.#running;
	}

	/** False when too many wait already; the item was not taken then. */
	add(item: Item): boolean {
		if (this.#waiting.length >= this.#options.maxWaiting) return false;
		this.#waiting.push(item);
		return true;
	}

	/** When `take` will give the next batch; undefined while a transaction runs or nothing waits. */
	get dueAt(): number | undefined {
		if (this.#running || this.#waiting.length === 0) return undefined;
		return this.#waiting.length >= this.#options.maxBatch ? Number.NEGATIVE_INFINITY : this.#window.opensAt;
	}

	/** The next transaction, if one is due; it runs until `finish`. */
	take(now: number): Item[] | undefined {
		const { dueAt } = this;
		if (dueAt === undefined || dueAt > now) return undefined;
		this.#window.depart(now);
		this.#running = true;
		return this.#waiting.splice(0, this.#options.maxBatch);
	}

	/** The transaction ended, well or not. */
	finish(): void {
		this.#running = false;
	}
}
