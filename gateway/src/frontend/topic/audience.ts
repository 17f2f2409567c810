import { Window } from '../../outbox/window.ts';

/** A viewer of a topic. */
export interface Subscriber {
	/** Sends the viewer the newest state, unless it is blocked. */
	send(now: number): void;
}

/**
 * Viewers of a topic that share a window. A pass visits each once, in the same order; a window lies
 * between two passes.
 */
export class Audience<State> {
	readonly subscribers = new Set<Subscriber>();
	/** The state that every viewer has at least after the current pass. */
	sentToAll: State | undefined;
	readonly #window: Window;
	/** The viewers that the current pass has not visited; undefined between passes. */
	#pass: Iterator<Subscriber> | undefined;
	#passBeganAt = 0;
	#longestPassMs = 0;

	constructor(windowMs: number) {
		this.#window = new Window(windowMs);
	}

	/** The time at which the next pass may begin. */
	get opensAt(): number {
		return this.#window.opensAt;
	}

	get isPassing(): boolean {
		return this.#pass !== undefined;
	}

	/** Begins a pass that sends every viewer at least this state. */
	begin(state: State | undefined, now: number): void {
		this.#pass = this.subscribers.values();
		this.sentToAll = state;
		this.#passBeganAt = now;
		this.#window.depart(now);
	}

	/**
	 * Visits up to `budget` viewers of the current pass; returns the rest of the budget, 0 while the pass
	 * continues.
	 */
	visit(now: number, budget: number): number {
		if (this.#pass === undefined) return budget;
		for (let left = budget; left > 0; left--) {
			const { value, done } = this.#pass.next();
			if (done) {
				this.#pass = undefined;
				this.#longestPassMs = Math.max(this.#longestPassMs, now - this.#passBeganAt);
				return left;
			}
			value.send(now);
		}
		return 0;
	}

	/** Returns the longest pass since the last call, in milliseconds. */
	takeLongestPass(): number {
		const longest = this.#longestPassMs;
		this.#longestPassMs = 0;
		return longest;
	}
}
