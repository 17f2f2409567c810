import type { Subscriber } from './audience.ts';

/**
 * Viewers of a topic that wait for events that they missed, by the time at which they give up. They
 * may join again.
 */
export class WaitingViewers {
	/** Until when each viewer waits. */
	#viewers = new Map<Subscriber, number>();
	/** Whether their events may have arrived. */
	#mayResume = false;

	join(viewer: Subscriber, until: number): void {
		this.#viewers.set(viewer, until);
	}

	leave(viewer: Subscriber): void {
		this.#viewers.delete(viewer);
	}

	/** Their events may have arrived. */
	wake(): void {
		this.#mayResume = true;
	}

	/** The time of the next try; undefined when no viewer waits. */
	get dueAt(): number | undefined {
		if (this.#viewers.size === 0) return undefined;
		return this.#mayResume ? Number.NEGATIVE_INFINITY : this.#viewers.values().next().value;
	}

	/** Sends to up to `budget` viewers if a try is due; returns the rest of the budget. */
	run(now: number, budget: number): number {
		const { dueAt } = this;
		if (dueAt === undefined || dueAt > now) return budget;
		const viewers = this.#viewers;
		this.#viewers = new Map();
		let left = budget;
		for (const [viewer, until] of viewers) {
			if (left > 0) viewer.send(now);
			else this.#viewers.set(viewer, until);
			left = Math.max(0, left - 1);
		}
		this.#mayResume = left === 0;
		return left;
	}
}
