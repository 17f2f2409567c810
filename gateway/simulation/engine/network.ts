import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** The faults of a network: probabilities, and the longest delay in milliseconds. */
export interface NetworkConditions {
	readonly drop: number;
	readonly duplicate: number;
	readonly maxDelayMs: number;
}

export const FAIR: NetworkConditions = { drop: 0, duplicate: 0, maxDelayMs: 5 };

/** The links between nodes. Each message has a delay of its own, so messages overtake each other. */
export class Network {
	conditions: NetworkConditions = FAIR;
	readonly #clock: Clock;
	readonly #random: Random;
	/** The number of cuts of a link, by `from>to`. */
	readonly #cuts = new Map<string, number>();

	constructor(clock: Clock, random: Random) {
		this.#clock = clock;
		this.#random = random;
	}

	/** Carries a message from one node to another: late, twice or not at all, by the conditions. */
	carry(from: string, to: string, arrive: () => void): void {
		const random = this.#random;
		const { drop, duplicate, maxDelayMs } = this.conditions;
		if ((this.#cuts.get(`${from}>${to}`) ?? 0) > 0 || random.chance(drop)) return;
		const copies = random.chance(duplicate) ? 2 : 1;
		for (let copy = 0; copy < copies; copy++) this.#clock.after(random.next() * maxDelayMs, arrive);
	}

	/** Drops every message from one node to the other for `durationMs`; the opposite direction stays open. */
	cut(from: string, to: string, durationMs: number): void {
		const link = `${from}>${to}`;
		this.#cuts.set(link, (this.#cuts.get(link) ?? 0) + 1);
		this.#clock.after(durationMs, () => this.#cuts.set(link, (this.#cuts.get(link) ?? 0) - 1));
	}
}
