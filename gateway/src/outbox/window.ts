/**
 * A leading-edge window: the first departure after a quiet time is free at once, each later one only after the window
 * that the last one opened. What waits in the meantime merges.
 */
export class Window {
	readonly #lengthMs: number;
	#opensAt = Number.NEGATIVE_INFINITY;

	constructor(lengthMs: number) {
		this.#lengthMs = lengthMs;
	}

	/** When the next departure is free, on the clock that `depart` is given. */
	get opensAt(): number {
		return this.#opensAt;
	}

	isOpen(now: number): boolean {
		return now >= this.#opensAt;
	}

	/** Something leaves now; the next may after a full window, or after as many as `stretch` says. */
	depart(now: number, stretch = 1): void {
		this.#opensAt = now + this.#lengthMs * stretch;
	}
}
