import { type Clock, REAL_CLOCK, type Timer } from './clock.ts';

/** Runs a state machine whenever it is due. */
export interface RunLoop {
	/** Runs in the next turn of the event loop, once for any number of calls until then. */
	wake(): void;
	/** Stops all runs. */
	stop(): void;
}

/**
 * Calls `run` after each `wake`, and at the time that `run` returns: a time of the monotonic clock, a
 * past one for "in the next turn", undefined for "after the next `wake`". It never runs within `wake`,
 * and never twice in a turn: a busy machine takes turns with requests and timers.
 */
export function createRunLoop(run: (now: number) => number | undefined, clock: Clock = REAL_CLOCK): RunLoop {
	let timer: Timer | undefined;
	let isWoken = false;
	let isStopped = false;

	function wake(): void {
		if (isStopped || isWoken) return;
		clock.cancel(timer);
		isWoken = true;
		clock.nextTurn(takeTurn);
	}

	function takeTurn(): void {
		isWoken = false;
		if (isStopped) return;
		const next = run(clock.now());
		if (next === undefined || isWoken) return;
		const delay = next - clock.now();
		if (delay <= 0) wake();
		else if (!isStopped) timer = clock.after(Math.ceil(delay), wake);
	}

	return {
		wake,
		stop() {
			isStopped = true;
			clock.cancel(timer);
		},
	};
}
