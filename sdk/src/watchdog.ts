/** A timer that fires this late was held up, in milliseconds: by a busy or hidden page, or a sleeping computer. */
const LATE_MS = 100;

/** How long messages that waited behind a late timer have to be read, in milliseconds. */
const GRACE_MS = 1_000;

/** Calls when nothing was heard for a while. */
export interface Watchdog {
	/** From now on silence of `timeoutMs` counts. */
	watch(timeoutMs: number): void;
	/** Something arrived. */
	heard(): void;
	/** The page woke up: look now, for the timer may be far behind. */
	check(): void;
	stop(): void;
}

/**
 * Silence is told by the time of the last message, not by a timer that each message sets anew: a hidden page runs timers
 * once a minute, but gets its messages at once. When the timer itself is late, messages may wait behind it to be read,
 * so it allows for one short grace before it calls.
 */
export function createWatchdog(onSilence: () => void): Watchdog {
	let timeoutMs = 0;
	let heardAt = 0;
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
		const leftMs = heardAt + timeoutMs - now;
		// The wall clock may have been set back: then what is left looks longer than it ever can be.
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
			heardAt = Date.now();
			graceGiven = false;
			arm(ms);
		},
		heard() {
			heardAt = Date.now();
			graceGiven = false;
		},
		check() {
			if (timer !== undefined && !graceGiven && Date.now() - heardAt >= timeoutMs) giveGrace();
		},
		stop,
	};
}
