import { Window } from '../../outbox/window.ts';

/** A viewer of a topic. */
export interface Subscriber {
	/** Brings the viewer to the newest state, unless it is blocked. */
	tell(now: number): void;
}

/** Viewers of a topic who share a window. A pass visits each once, in the same order; a window lies between two passes. */
export class Audience<State> {
	readonly subscribers = new Set<Subscriber>();
	/** What every viewer has at least, once the pass under way is over. */
	sentToAll: State | undefined;
	readonly #window: Window;
	/** The viewers that the pass under way has not visited; undefined between passes. */
	#pass: Iterator<Subscriber> | undefined;
	#passBeganAt = 0;
	#longestPassMs = 0;

	constructor(windowMs: number) {
		this.#window = new Window(windowMs);
	}

	/** When the next pass may begin. */
	get opensAt(): number {
		return this.#window.opensAt;
	}

	get isPassing(): boolean {
		return this.#pass !== undefined;
	}

	/** Begins a pass that brings every viewer to this state at least; the next one may follow after `stretch` windows. */
	begin(state: State | undefined, now: number, stretch: number): void {
		this.#pass = this.subscribers.values();
		this.sentToAll = state;
		this.#passBeganAt = now;
		this.#window.depart(now, stretch);
	}

	/** Visits up to `budget` viewers of the pass under way; gives back what is left of the budget, 0 while it goes on. */
	visit(now: number, budget: number): number {
		if (this.#pass === undefined) return budget;
		for (let left = budget; left > 0; left--) {
			const { value, done } = this.#pass.next();
			if (done) {
				this.#pass = undefined;
				this.#longestPassMs = Math.max(this.#longestPassMs, now - this.#passBeganAt);
				return left;
			}
			value.tell(now);
		}
		return 0;
	}

	/** The longest pass since this was last asked, in milliseconds. */
	takeLongestPass(): number {
		const longest = this.#longestPassMs;
		this.#longestPassMs = 0;
		return longest;
	}
}
