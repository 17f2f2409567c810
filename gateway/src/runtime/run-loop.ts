/** Runs a state machine whenever it is due. */
export interface RunLoop {
	/** Runs in the next turn of the event loop, once for any number of calls until then. */
	wake(): void;
	/** Stops all runs. */
	stop(): void;
}

/** Returns the monotonic clock, in milliseconds; windows and expiries never use the wall clock. */
export function monotonicNow(): number {
	return performance.now();
}

/**
 * Calls `run` after each `wake`, and at the time that `run` returns: a time of the monotonic clock, a
 * past one for "in the next turn", undefined for "after the next `wake`". It never runs within `wake`,
 * and never twice in a turn: a busy machine takes turns with requests and timers.
 */
export function createRunLoop(run: (now: number) => number | undefined): RunLoop {
	let timer: NodeJS.Timeout | undefined;
	let turn: NodeJS.Immediate | undefined;
	let stopped = false;

	function wake(): void {
		if (stopped || turn !== undefined) return;
		clearTimeout(timer);
		turn = setImmediate(takeTurn);
	}

	function takeTurn(): void {
		turn = undefined;
		const next = run(monotonicNow());
		if (next === undefined || turn !== undefined) return;
		const delay = next - monotonicNow();
		if (delay <= 0) wake();
		else if (!stopped) timer = setTimeout(wake, Math.ceil(delay));
	}

	return {
		wake,
		stop() {
			stopped = true;
			clearTimeout(timer);
			clearImmediate(turn);
		},
	};
}
