/** An epoch from further in the future, in milliseconds, is made up: clocks differ by less. No other region believes it. */
export const MAX_AHEAD_MS = 3_600_000;

/** The epochs of a store before and after it was restored. */
export interface Restored {
	readonly before: number;
	readonly after: number;
}

/** Whether a store cannot have begun at an epoch, as the clock stands here. */
export function isYetToCome(epoch: number, now: number): boolean {
	return epoch > now + MAX_AHEAD_MS;
}

/**
 * The epoch of a store that is restored at a time: higher than the last one. One that a wrong clock made is taken back: it
 * is so far ahead that no region can have believed it, also one whose clock is ahead as far as it may be.
 */
export function epochAfter(before: number, now = Date.now()): number {
	// mutant: epoch-rises
	return isYetToCome(before, now + MAX_AHEAD_MS) ? now : Math.max(now, before + 1);
}
