/** A planned call; only the clock that returned it reads it. */
export interface Timer {
	/** Lets the process end before the call. */
	unref(): unknown;
}

/** Time as a driver of a state machine sees it. A simulation injects virtual time. */
export interface Clock {
	/** Returns the monotonic time, in milliseconds; windows and expiries never use the wall time. */
	now(): number;
	/** Returns the wall time, in Unix milliseconds. */
	wallTime(): number;
	/** Calls `run` once, after a delay in milliseconds. */
	after(delayMs: number, run: () => void): Timer;
	/** Calls `run` again and again, with a period in milliseconds. */
	every(periodMs: number, run: () => void): Timer;
	/** Ends the calls of a timer. */
	cancel(timer: Timer | undefined): void;
	/** Calls `run` in the next turn of the event loop, after the requests and timers that wait. */
	nextTurn(run: () => void): void;
}

/** Returns the monotonic time of the process, in milliseconds. */
export function monotonicNow(): number {
	return performance.now();
}

/** The time of the process. */
export const REAL_CLOCK: Clock = {
	now: monotonicNow,
	wallTime: () => Date.now(),
	after: (delayMs, run) => setTimeout(run, delayMs),
	every: (periodMs, run) => setInterval(run, periodMs),
	cancel: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
	nextTurn: (run) => void setImmediate(run),
};
