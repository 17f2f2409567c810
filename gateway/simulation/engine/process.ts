import type { Clock as ShippingClock, Timer } from '../../src/runtime/clock.ts';
import { type Clock, WALL_TIME_START } from './clock.ts';

/**
 * The time between two turns of the event loop in which a state machine is busy, in milliseconds: long,
 * so that messages arrive between two turns.
 */
const TURN_MS = 10;

/**
 * The process of a node. Its timers and the messages that arrive run while it runs, wait while it is
 * stopped, and never run once it is dead.
 */
export class Process {
	readonly #clock: Clock;
	#state: 'runs' | 'stopped' | 'dead' = 'runs';
	#held: (() => void)[] = [];
	/** The turn that runs now. */
	#turn: (() => void) | undefined;
	#stoppedAt = 0;
	#longestStop = 0;
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

	/** Returns the clock for the drivers of the node. `errorMs` returns what its wall time is off by. */
	createClock(errorMs: () => number): ShippingClock {
		return {
			now: () => this.now,
			wallTime: () => Math.round(WALL_TIME_START + this.now + errorMs()),
			after: (delayMs, run) => {
				const timer = new VirtualTimer();
				this.after(delayMs, () => {
					if (!timer.isCancelled) run();
				});
				return timer;
			},
			every: (periodMs, run) => {
				const timer = new VirtualTimer();
				const repeat = () => {
					if (timer.isCancelled) return;
					run();
					this.after(periodMs, repeat);
				};
				this.after(periodMs, repeat);
				return timer;
			},
			cancel(timer) {
				if (timer instanceof VirtualTimer) timer.isCancelled = true;
			},
			nextTurn: (run) => {
				const isBusy = this.#turn === run;
				this.after(isBusy ? TURN_MS : 0, () => {
					this.#turn = run;
					run();
					this.#turn = undefined;
				});
			},
		};
	}

	/** Stops the process, as SIGSTOP does. */
	stop(): void {
		if (this.#state !== 'runs') return;
		this.#state = 'stopped';
		this.#stoppedAt = this.now;
	}

	/** Continues the process, as SIGCONT does: late timers and held messages run now, in their order. */
	continue(): void {
		if (this.#state !== 'stopped') return;
		this.#state = 'runs';
		this.runsSince = this.now;
		this.#longestStop = Math.max(this.#longestStop, this.now - this.#stoppedAt);
		const held = this.#held;
		this.#held = [];
		for (const what of held) this.after(0, what);
	}

	/** Returns the longest stop that ended since the last call, in milliseconds. */
	takeLongestStop(): number {
		const longest = this.#longestStop;
		this.#longestStop = 0;
		return longest;
	}

	/** Kills the process, as SIGKILL does. */
	kill(): void {
		this.#state = 'dead';
		this.#held = [];
	}
}

class VirtualTimer implements Timer {
	isCancelled = false;

	/** Virtual time keeps no process alive. */
	unref(): void {}
}
