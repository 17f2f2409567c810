/** Runs a state machine whenever it has something to do. */
export interface Alarm {
	/** Something changed: run now. Called from within a run, it runs once more after it. */
	wake(): void;
	/** No run after this. */
	stop(): void;
}

/** The monotonic clock of this process, in milliseconds; windows and expiries go by it, never by the wall clock. */
export function monotonicNow(): number {
	return performance.now();
}

/**
 * Calls `run` on every `wake` and at each time that it answers: a time on the monotonic clock, a past one for "again as
 * soon as the event loop had a turn", undefined for "when woken".
 */
export function createAlarm(run: (now: number) => number | undefined): Alarm {
	let timer: NodeJS.Timeout | undefined;
	let immediate: NodeJS.Immediate | undefined;
	let running = false;
	let wokenWhileRunning = false;
	let stopped = false;

	function wake(): void {
		if (stopped) return;
		if (running) {
			wokenWhileRunning = true;
			return;
		}
		clear();
		running = true;
		let next: number | undefined;
		try {
			do {
				wokenWhileRunning = false;
				next = run(monotonicNow());
			} while (wokenWhileRunning);
		} finally {
			running = false;
		}
		if (next === undefined || stopped) return;
		const delay = next - monotonicNow();
		if (delay <= 0) immediate = setImmediate(wake);
		else timer = setTimeout(wake, Math.ceil(delay));
	}

	function clear(): void {
		clearTimeout(timer);
		clearImmediate(immediate);
	}

	return {
		wake,
		stop() {
			stopped = true;
			clear();
		},
	};
}
