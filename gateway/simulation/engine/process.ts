import type { Timeline } from './clock.ts';

/** How long a turn of the event loop takes, in milliseconds: long, so that much happens between two of a machine. */
const TURN_MS = 10;

/** A process is asked so often whether something has come true, in milliseconds. */
const LOOK_MS = 10;

/**
 * The process of a node. What it planned, and what comes for it, happens while it runs, waits while it is stopped, and
 * never happens once it is dead.
 */
export class Process {
	readonly #timeline: Timeline;
	#state: 'runs' | 'stopped' | 'dead' = 'runs';
	#held: (() => void)[] = [];
	/** When it last went on after a stop, or began. */
	runsSince: number;

	constructor(timeline: Timeline) {
		this.#timeline = timeline;
		this.runsSince = timeline.now;
	}

	/** The monotonic clock, which goes on while a process is stopped. */
	get now(): number {
		return this.#timeline.now;
	}

	get runs(): boolean {
		return this.#state === 'runs';
	}

	get isDead(): boolean {
		return this.#state === 'dead';
	}

	run(what: () => void): void {
		if (this.#state === 'runs') what();
		else if (this.#state === 'stopped') this.#held.push(what);
	}

	after(delayMs: number, what: () => void): void {
		this.#timeline.after(delayMs, () => this.run(what));
	}

	every(periodMs: number, what: () => void): void {
		this.after(periodMs, () => {
			what();
			this.every(periodMs, what);
		});
	}

	/** Goes on when something has come true, or after so many milliseconds. */
	when(isTrue: () => boolean, timeoutMs: number, then: () => void): void {
		const end = this.now + timeoutMs;
		const look = () => {
			if (isTrue() || this.now >= end) then();
			else this.after(LOOK_MS, look);
		};
		look();
	}

	/** Runs a state machine on virtual time as `createRunLoop` does on real time; gives back what wakes it. */
	alarm(run: (now: number) => number | undefined): () => void {
		let plan = 0;
		let woken = false;

		const takeTurn = () => {
			woken = false;
			const next = run(this.now);
			if (next === undefined || next === Number.POSITIVE_INFINITY || woken) return;
			if (next <= this.now) wake(TURN_MS);
			else planAfter(next - this.now);
		};
		const planAfter = (delayMs: number) => {
			const mine = ++plan;
			this.after(delayMs, () => {
				if (plan === mine) takeTurn();
			});
		};
		const wake = (delayMs = 0) => {
			if (woken) return;
			woken = true;
			planAfter(delayMs);
		};
		return () => wake();
	}

	/** SIGSTOP. */
	stop(): void {
		if (this.#state === 'runs') this.#state = 'stopped';
	}

	/** SIGCONT: timers that are late and all that piled up come at once, in their order. */
	continue(): void {
		if (this.#state !== 'stopped') return;
		this.#state = 'runs';
		this.runsSince = this.now;
		const held = this.#held;
		this.#held = [];
		for (const what of held) this.run(what);
	}

	/** SIGKILL. */
	kill(): void {
		this.#state = 'dead';
		this.#held = [];
	}
}
