/**
 * A leading-edge window: the first departure after a quiet time leaves at once, and each later one
 * after the window of the last departure. Updates that wait merge.
 */
export class Window {
	/** The wait between two departures, in milliseconds; a change applies from the next departure. */
	lengthMs: number;
	#opensAt = Number.NEGATIVE_INFINITY;

	constructor(lengthMs: number) {
		this.lengthMs = lengthMs;
	}

	/** When the next departure may leave, by the clock of `depart`. */
	get opensAt(): number {
		return this.#opensAt;
	}

	isOpen(now: number): boolean {
		return now >= this.#opensAt;
	}

	/** Notes a departure; the next one may leave after a full window. */
	depart(now: number): void {
		this.#opensAt = now + this.lengthMs;
	}
}
