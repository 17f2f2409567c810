import { runPromiseCallbacks } from './turn.ts';

/** The wall time at which virtual time begins, in Unix milliseconds. */
export const WALL_TIME_START = Date.UTC(2026, 0);

/** Returns the right wall time at a virtual time, in Unix milliseconds. */
export function wallTimeAt(now: number): number {
	return WALL_TIME_START + Math.round(now);
}

interface Planned {
	readonly at: number;
	readonly order: number;
	readonly run: () => void;
}

function isBefore(a: Planned, b: Planned): boolean {
	return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/**
 * Virtual time: runs planned callbacks in the order of their times, each with the promise callbacks that
 * it leads to. Only waiting takes time.
 */
export class Clock {
	now = 0;
	/**
	 * A binary heap: the next entry is first, and each entry comes before those at twice its index plus 1
	 * and 2.
	 */
	readonly #planned: Planned[] = [];
	#order = 0;
	#failure: unknown;

	after(delayMs: number, run: () => void): void {
		this.at(this.now + delayMs, run);
	}

	/** Plans a callback. A time that has passed means now, after all else that is planned for now. */
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

	/** Lets time pass until `end`, and runs what is planned up to then. */
	runUntil(end: number): void {
		for (let next = this.#planned[0]; next !== undefined && next.at <= end; next = this.#planned[0]) {
			this.#takeFirst();
			this.now = next.at;
			next.run();
			runPromiseCallbacks();
			if (this.#failure !== undefined) throw this.#failure;
		}
		this.now = end;
	}

	/** Ends the run with an error that a driver under test would catch. */
	fail(error: unknown): void {
		this.#failure ??= error;
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
