import type { Random } from './random.ts';

/** Virtual time: what is planned happens in its order, and nothing takes time but waiting. */
export class Timeline {
	now = 0;
	readonly #planned: { at: number; order: number; run: () => void }[] = [];
	#order = 0;

	after(delayMs: number, run: () => void): void {
		this.at(this.now + delayMs, run);
	}

	/** A time that has passed means now, after all else that is planned for now. */
	at(time: number, run: () => void): void {
		const entry = { at: Math.max(time, this.now), order: this.#order++, run };
		let low = 0;
		let high = this.#planned.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.#planned[middle]?.at ?? 0) <= entry.at) low = middle + 1;
			else high = middle;
		}
		this.#planned.splice(low, 0, entry);
	}

	every(periodMs: number, run: () => void): void {
		this.after(periodMs, () => {
			run();
			this.every(periodMs, run);
		});
	}

	/** Lets time pass, and what is planned happen. */
	runUntil(end: number): void {
		for (let next = this.#planned[0]; next !== undefined && next.at <= end; next = this.#planned[0]) {
			this.#planned.shift();
			this.now = next.at;
			next.run();
		}
		this.now = end;
	}
}

/** How a hop treats its messages: probabilities, and the longest delay in milliseconds. */
export interface Faults {
	readonly drop: number;
	readonly duplicate: number;
	readonly maxDelayMs: number;
}

/** One way between two parts. Each message has a delay of its own, so messages overtake each other. */
export class Hop<Message> {
	faults: Faults;
	readonly #timeline: Timeline;
	readonly #random: Random;
	readonly #receive: (message: Message) => void;

	constructor(timeline: Timeline, random: Random, faults: Faults, receive: (message: Message) => void) {
		this.#timeline = timeline;
		this.#random = random;
		this.faults = faults;
		this.#receive = receive;
	}

	send(message: Message): void {
		if (this.#random.chance(this.faults.drop)) return;
		const copies = this.#random.chance(this.faults.duplicate) ? 2 : 1;
		for (let copy = 0; copy < copies; copy++) {
			this.#timeline.after(this.#random.next() * this.faults.maxDelayMs, () => this.#receive(message));
		}
	}
}

/** How long a turn of the event loop takes, in milliseconds: long, so that much happens between two of a machine. */
const TURN_MS = 10;

/** Runs a state machine on virtual time as `createAlarm` does on real time. */
export function createSimulatedAlarm(timeline: Timeline, run: (now: number) => number | undefined): () => void {
	let plan = 0;
	let woken = false;

	function takeTurn(): void {
		woken = false;
		const next = run(timeline.now);
		if (next === undefined || woken) return;
		if (next <= timeline.now) wake(TURN_MS);
		else planAt(next);
	}

	function planAt(time: number): void {
		const mine = ++plan;
		timeline.at(time, () => {
			if (plan === mine) takeTurn();
		});
	}

	function wake(delayMs = 0): void {
		if (woken) return;
		woken = true;
		planAt(timeline.now + delayMs);
	}

	return () => wake();
}
