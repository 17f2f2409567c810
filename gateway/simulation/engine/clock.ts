interface Planned {
	readonly at: number;
	readonly order: number;
	readonly run: () => void;
}

function isBefore(a: Planned, b: Planned): boolean {
	return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Virtual time: what is planned happens in its order, and nothing takes time but waiting. */
export class Timeline {
	now = 0;
	/** A binary heap: the next is first, and each comes before the two at twice its place. */
	readonly #planned: Planned[] = [];
	#order = 0;

	after(delayMs: number, run: () => void): void {
		this.at(this.now + delayMs, run);
	}

	/** A time that has passed means now, after all else that is planned for now. */
	at(time: number, run: () => void): void {
		const entry = { at: Math.max(time, this.now), order: this.#order++, run };
		let place = this.#planned.push(entry) - 1;
		while (place > 0) {
			const above = (place - 1) >> 1;
			const other = this.#planned[above] as Planned;
			if (!isBefore(entry, other)) break;
			this.#planned[place] = other;
			place = above;
		}
		this.#planned[place] = entry;
	}

	/** Lets time pass, and what is planned happen. */
	runUntil(end: number): void {
		for (let next = this.#planned[0]; next !== undefined && next.at <= end; next = this.#planned[0]) {
			this.#takeFirst();
			this.now = next.at;
			next.run();
		}
		this.now = end;
	}

	#takeFirst(): void {
		const last = this.#planned.pop();
		const { length } = this.#planned;
		if (last === undefined || length === 0) return;
		let place = 0;
		for (let below = 1; below < length; below = 2 * place + 1) {
			const right = this.#planned[below + 1];
			if (right !== undefined && isBefore(right, this.#planned[below] as Planned)) below++;
			const next = this.#planned[below] as Planned;
			if (isBefore(last, next)) break;
			this.#planned[place] = next;
			place = below;
		}
		this.#planned[place] = last;
	}
}
