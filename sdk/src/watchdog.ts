/**
 * A timer that fires this late was held up, in milliseconds.
 * The page was busy or hidden, or the computer slept.
 */
const LATE_MS = 100;

/** How long messages that waited behind a late timer have to be read, in milliseconds. */
const GRACE_MS = 1_000;

/** Calls when no message arrived for a while. */
export interface Watchdog {
	/** Starts to allow a silence of at most `timeoutMs`. */
	watch(timeoutMs: number): void;
	/** Records that a message arrived. */
	reset(): void;
	/** Checks now, since timers may be late: the page woke up. */
	check(): void;
	stop(): void;
}

/**
 * Creates a watchdog that measures silence by the time of the last message.
 * A hidden page runs timers once a minute, but receives its messages at once. When the timer itself is late, unread
 * messages may wait behind it, so the watchdog allows one grace of 1 second before it calls.
 */
export function createWatchdog(onSilence: () => void): Watchdog {
	let timeoutMs = 0;
	let lastMessageAt = 0;
	let dueAt = 0;
	let graceGiven = false;
	let timer: ReturnType<typeof setTimeout> | undefined;

	function arm(delayMs: number): void {
		clearTimeout(timer);
		dueAt = Date.now() + delayMs;
		timer = setTimeout(look, delayMs);
	}

	function giveGrace(): void {
		graceGiven = true;
		arm(GRACE_MS);
	}

	function stop(): void {
		clearTimeout(timer);
		timer = undefined;
	}

	function look(): void {
		const now = Date.now();
		const leftMs = lastMessageAt + timeoutMs - now;
		// If the wall clock was set back, the rest looks longer than it can be.
		if (leftMs > 0) {
			arm(Math.min(leftMs, timeoutMs));
		} else if (now - dueAt > LATE_MS && !graceGiven) {
			giveGrace();
		} else {
			stop();
			onSilence();
		}
	}

	return {
		watch(ms) {
			timeoutMs = ms;
			lastMessageAt = Date.now();
			graceGiven = false;
			arm(ms);
		},
		reset() {
			lastMessageAt = Date.now();
			graceGiven = false;
		},
		check() {
			if (timer !== undefined && !graceGiven && Date.now() - lastMessageAt >= timeoutMs) giveGrace();
		},
		stop,
	};
}
