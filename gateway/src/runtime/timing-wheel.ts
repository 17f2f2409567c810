interface Timer<Item> {
	readonly item: Item;
	/** The tick in which it fires. */
	readonly tick: number;
}

/**
 * Many timers at a constant cost for each: a circle of slots, one for each tick, and a hand that moves
 * round (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987). No timer fires
 * early, and none fires more than one tick late. A timer cannot be cancelled: the caller checks each
 * fired item, and adds it again when it is not due. Deterministic.
 */
export class TimingWheel<Item> {
	readonly #tickMs: number;
	readonly #slots: Timer<Item>[][];
	/** The last tick that has passed. */
	#hand: number;
	#size = 0;

	/** The wheel checks timers beyond `slots` ticks once in every round. */
	constructor(tickMs: number, slots: number, now: number) {
		this.#tickMs = tickMs;
		this.#slots = Array.from({ length: slots }, () => []);
		this.#hand = Math.floor(now / tickMs);
	}

	/** The number of timers. */
	get size(): number {
		return this.#size;
	}

	/** When the hand moves next; undefined while no timer is set. */
	get dueAt(): number | undefined {
		return this.#size === 0 ? undefined : (this.#hand + 1) * this.#tickMs;
	}

	/** Sets a timer; a timer for the past fires with the next tick. */
	add(item: Item, at: number): void {
		const tick = Math.max(Math.ceil(at / this.#tickMs), this.#hand + 1);
		this.#slot(tick).push({ item, tick });
		this.#size++;
	}

	/** Returns the items whose timers fired by now. */
	take(now: number): Item[] {
		const fired: Item[] = [];
		const last = Math.floor(now / this.#tickMs);
		// After a long pause it checks every slot once, and not once for each missed round.
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
