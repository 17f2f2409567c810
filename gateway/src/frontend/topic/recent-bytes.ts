/** An object that takes memory until it is forgotten. */
export interface Kept {
	/** Its approximate size, in bytes. */
	readonly bytes: number;
	/** Called once when it is dropped because memory is full; not after `drop`. */
	forget(): void;
}

/**
 * Keeps the most recently used objects within a bound of memory. One instance for the whole process
 * bounds the memory that any number of streams may use. Deterministic.
 */
export class RecentBytes {
	readonly #most: number;
	/** In the order of use, the latest last. */
	readonly #kept = new Set<Kept>();
	#bytes = 0;
	#reserved = 0;

	/** `most`: the bound, in bytes. */
	constructor(most: number) {
		this.#most = most;
	}

	/** The memory that is kept and reserved, in bytes. */
	get bytes(): number {
		return this.#bytes + this.#reserved;
	}

	/** Reserves room; returns false while others have reserved all of it. */
	reserve(bytes: number): boolean {
		if (this.#reserved + bytes > this.#most) return false;
		this.#reserved += bytes;
		this.#trim();
		return true;
	}

	/** Ends a reservation, after its object came or failed. */
	release(bytes: number): void {
		this.#reserved -= bytes;
	}

	/** Keeps an object, and makes room for it. */
	add(kept: Kept): void {
		this.#kept.add(kept);
		this.#bytes += kept.bytes;
		this.#trim(kept);
	}

	/** Marks an object as used. */
	touch(kept: Kept): void {
		if (this.#kept.delete(kept)) this.#kept.add(kept);
	}

	/** Removes an object that is not needed any more. */
	drop(kept: Kept): void {
		if (this.#kept.delete(kept)) this.#bytes -= kept.bytes;
	}

	#trim(newest?: Kept): void {
		for (const kept of this.#kept) {
			if (this.bytes <= this.#most || kept === newest) return;
			this.drop(kept);
			kept.forget();
		}
	}
}
