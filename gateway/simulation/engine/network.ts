import type { Timeline } from './clock.ts';
import type { Random } from './random.ts';

/** How the network treats messages: probabilities, and the longest delay in milliseconds. */
export interface Weather {
	readonly drop: number;
	readonly duplicate: number;
	readonly maxDelayMs: number;
}

export const FAIR: Weather = { drop: 0, duplicate: 0, maxDelayMs: 5 };

/** The ways between nodes. Each message has a delay of its own, so messages overtake each other. */
export class Network {
	weather: Weather = FAIR;
	readonly #timeline: Timeline;
	readonly #random: Random;
	/** How many cuts lie on a way, by `from>to`. */
	readonly #cuts = new Map<string, number>();

	constructor(timeline: Timeline, random: Random) {
		this.#timeline = timeline;
		this.#random = random;
	}

	/** Brings a message from one node to another, perhaps late, never, or twice. */
	carry(from: string, to: string, arrive: () => void): void {
		const random = this.#random;
		const { drop, duplicate, maxDelayMs } = this.weather;
		if ((this.#cuts.get(`${from}>${to}`) ?? 0) > 0 || random.chance(drop)) return;
		const copies = random.chance(duplicate) ? 2 : 1;
		for (let copy = 0; copy < copies; copy++) this.#timeline.after(random.next() * maxDelayMs, arrive);
	}

	/** Nothing gets from one node to the other for so long, in milliseconds; the way back stays open. */
	cut(from: string, to: string, durationMs: number): void {
		const way = `${from}>${to}`;
		this.#cuts.set(way, (this.#cuts.get(way) ?? 0) + 1);
		this.#timeline.after(durationMs, () => this.#cuts.set(way, (this.#cuts.get(way) ?? 0) - 1));
	}
}
