/**
 * Notices when this process stood still: stopped, swapped out, or busy for too long with one thing. What it takes for the
 * present may be over then, and others may have done its work meanwhile.
 */
export class StallWatch {
	readonly #limitMs: number;
	#lookedAt: number | undefined;

	/** It is looked at more often than every `limitMs` while nothing stands still. */
	constructor(limitMs: number) {
		this.#limitMs = limitMs;
	}

	/** Whether more than the limit has passed since the last look. Monotonic clock. */
	look(now: number): boolean {
		const before = this.#lookedAt ?? now;
		this.#lookedAt = Math.max(before, now);
		// mutant: detects-stall
		return now - before > this.#limitMs;
	}
}
