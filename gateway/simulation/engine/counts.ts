/** Counts of what happened in a run, by name. */
export class Counts {
	readonly #counts = new Map<string, number>();

	add(name: string, count = 1): void {
		this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
	}

	addAll(counts: Iterable<readonly [string, number]>): void {
		for (const [name, count] of counts) this.add(name, count);
	}

	get(name: string): number {
		return this.#counts.get(name) ?? 0;
	}

	/** Returns all counts, sorted by name. */
	entries(): [string, number][] {
		return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
	}
}
