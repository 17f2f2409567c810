import type { Clock } from './clock.ts';

/**
 * The time between two turns of the event loop, in milliseconds: long, so that messages arrive between
 * two turns.
 */
const TURN_MS = 10;

/** The period at which `when` checks its condition, in milliseconds. */
const LOOK_MS = 10;

/**
 * The process of a node. Its timers and the messages that arrive run while it runs, wait while it is
 * stopped, and never run once it is dead.
 */
export class Process {
	readonly #clock: Clock;
	#state: 'runs' | 'stopped' | 'dead' = 'runs';
	#held: (() => void)[] = [];
	/** The time at which the process began, or last continued after a stop. */
	runsSince: number;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.runsSince = clock.now;
	}

	/** The monotonic clock, which goes on while a process is stopped. */
	get now(): number {
		return this.#clock.now;
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
		this.#clock.after(delayMs, () => this.run(what));
	}

	every(periodMs: number, what: () => void): void {
		this.after(periodMs, () => {
			what();
			this.every(periodMs, what);
		});
	}

	/** Calls `then` once `isTrue` holds, or after `timeoutMs`. */
	when(isTrue: () => boolean, timeoutMs: number, then: () => void): void {
		const end = this.now + timeoutMs;
		const look = () => {
			if (isTrue() || this.now >= end) then();
			else this.after(LOOK_MS, look);
		};
		look();
	}

	/** Runs a state machine on virtual time as `createRunLoop` does on real time. Returns what wakes it. */
	createRunLoop(run: (now: number) => number | undefined): () => void {
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

	/** Stops the process, as SIGSTOP does. */
	stop(): void {
		if (this.#state === 'runs') this.#state = 'stopped';
	}

	/** Continues the process, as SIGCONT does: late timers and held messages run at once, in their order. */
	continue(): void {
		if (this.#state !== 'stopped') return;
		this.#state = 'runs';
		this.runsSince = this.now;
		const held = this.#held;
		this.#held = [];
		for (const what of held) this.run(what);
	}

	/** Kills the process, as SIGKILL does. */
	kill(): void {
		this.#state = 'dead';
		this.#held = [];
	}
}
