/** Runs a state machine whenever it has something to do. */
export interface RunLoop {
	/** Something changed: run in the next turn of the event loop, once, however often this is called until then. */
	wake(): void;
	/** No run after this. */
	stop(): void;
}

/** The monotonic clock of this process, in milliseconds; windows and expiries go by it, never by the wall clock. */
export function monotonicNow(): number {
	return performance.now();
}

/**
 * Calls `run` after each `wake`, and at each time that it answers: a time on the monotonic clock, a past one for "in the
 * next turn", undefined for "when woken". Never within `wake`, and never twice in a turn: a machine with much to do takes
 * turns with requests and timers, however often they wake it.
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
