/** Something that takes memory until it is forgotten. */
export interface Kept {
	/** About how much, in bytes. */
	readonly bytes: number;
	/** Called once when it found no room any more; not by `drop`. */
	forget(): void;
}

/**
 * Keeps what was used last, so much of it that all together stay below a bound: what was not used for longest makes room.
 * One for the whole process bounds what any number of streams may make it hold. Deterministic.
 */
export class RecentBytes {
	readonly #most: number;
	/** In the order of their use, the last one last. */
	readonly #kept = new Set<Kept>();
	#bytes = 0;
	#reserved = 0;

	/** `most`: the bound, in bytes. */
	constructor(most: number) {
		this.#most = most;
	}

	/** What is kept and reserved, in bytes. */
	get bytes(): number {
		return this.#bytes + this.#reserved;
	}

	/** Makes room for what is to come; false while others have reserved all of it. */
	reserve(bytes: number): boolean {
		if (this.#reserved + bytes > this.#most) return false;
		this.#reserved += bytes;
		this.#trim();
		return true;
	}

	/** What was reserved came, or does not come. */
	release(bytes: number): void {
		this.#reserved -= bytes;
	}

	/** Keeps something, and makes room for it. */
	add(kept: Kept): void {
		this.#kept.add(kept);
		this.#bytes += kept.bytes;
		this.#trim(kept);
	}

	/** It was used. */
	touch(kept: Kept): void {
		if (this.#kept.delete(kept)) this.#kept.add(kept);
	}

	/** It is not wanted any more. */
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
