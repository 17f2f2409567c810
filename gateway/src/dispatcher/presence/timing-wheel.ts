interface Timer<Item> {
	readonly item: Item;
	/** The tick in which it fires. */
	readonly tick: number;
}

/**
 * Many timers at the cost of few: a circle of slots, one for each tick, and a hand that goes round (Varghese and Lauck,
 * "Hashed and Hierarchical Timing Wheels", SOSP 1987). Setting one costs the same however many there are. None fires
 * early, and none more than a tick late. There is no way to take one back: whoever it fires for looks whether it is wanted
 * still, and sets it again when it is for later. Deterministic.
 */
export class TimingWheel<Item> {
	readonly #tickMs: number;
	readonly #slots: Timer<Item>[][];
	/** The last tick that is over. */
	#hand: number;
	#size = 0;

	/** Timers for times beyond `slots` ticks are looked at once in every round. */
	constructor(tickMs: number, slots: number, now: number) {
		this.#tickMs = tickMs;
		this.#slots = Array.from({ length: slots }, () => []);
		this.#hand = Math.floor(now / tickMs);
	}

	/** Timers that are set. */
	get size(): number {
		return this.#size;
	}

	/** When the hand moves on; undefined while no timer is set. */
	get dueAt(): number | undefined {
		return this.#size === 0 ? undefined : (this.#hand + 1) * this.#tickMs;
	}

	/** Sets a timer; one for the past fires with the next tick. */
	add(item: Item, at: number): void {
		const tick = Math.max(Math.ceil(at / this.#tickMs), this.#hand + 1);
		this.#slot(tick).push({ item, tick });
		this.#size++;
	}

	/** What fires by now. */
	take(now: number): Item[] {
		const fired: Item[] = [];
		const last = Math.floor(now / this.#tickMs);
		// After a long time every slot is looked through once, and not once for each round that was missed.
		const end = Math.min(last, this.#hand + this.#slots.length);
		for (let tick = this.#hand + 1; tick <= end; tick++) {
			const slot = this.#slot(tick);
			if (slot.length === 0) continue;
			for (const timer of slot.splice(0)) {
				if (timer.tick <= last) fired.push(timer.item);
				else slot.push(timer);
			}
		}
		this.#size -= fired.length;
		this.#hand = Math.max(this.#hand, last);
		return fired;
	}

	#slot(tick: number): Timer<Item>[] {
		return this.#slots[tick % this.#slots.length] as Timer<Item>[];
	}
}
