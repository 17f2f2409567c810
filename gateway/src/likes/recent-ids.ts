/** The newest ids, as many as there is room for; the oldest are forgotten first. */
export class RecentIds {
	readonly #max: number;
	/** In the order in which they came. */
	readonly #ids = new Set<string>();

	constructor(max: number) {
		this.#max = max;
	}

	has(id: string): boolean {
		return this.#ids.has(id);
	}

	/** False when it is known already. */
	add(id: string): boolean {
		if (this.#ids.has(id)) return false;
		this.#ids.add(id);
		for (const oldest of this.#ids) {
			if (this.#ids.size <= this.#max) break;
			this.#ids.delete(oldest);
		}
		return true;
	}
}
