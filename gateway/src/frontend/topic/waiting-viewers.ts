import type { Subscriber } from './audience.ts';

/**
 * Viewers of a topic who wait for events that they missed, in the order in which they give up. Those who wait on after
 * they were told join again at the end.
 */
export class WaitingViewers {
	/** Until when each waits. */
	#viewers = new Map<Subscriber, number>();
	/** What they wait for may be there. */
	#mayResume = false;

	join(viewer: Subscriber, until: number): void {
		this.#viewers.set(viewer, until);
	}

	leave(viewer: Subscriber): void {
		this.#viewers.delete(viewer);
	}

	/** What they wait for may be there. */
	wake(): void {
		this.#mayResume = true;
	}

	/** When to tell them; undefined when none waits. */
	get dueAt(): number | undefined {
		if (this.#viewers.size === 0) return undefined;
		return this.#mayResume ? Number.NEGATIVE_INFINITY : this.#viewers.values().next().value;
	}

	/** Tells up to `budget` of them if it is worth another try; returns what is left of the budget. */
	run(now: number, budget: number): number {
		const { dueAt } = this;
		if (dueAt === undefined || dueAt > now) return budget;
		const viewers = this.#viewers;
		this.#viewers = new Map();
		let left = budget;
		for (const [viewer, until] of viewers) {
			if (left > 0) viewer.tell(now);
			else this.#viewers.set(viewer, until);
			left = Math.max(0, left - 1);
		}
		this.#mayResume = left === 0;
		return left;
	}
}
