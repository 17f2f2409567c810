/**
 * The largest skew of clocks, in milliseconds.
 *
 * No region accepts an epoch that is further in the future.
 */
export const MAX_AHEAD_MS = 3_600_000;

/** The epochs of a store before and after a restore. */
export interface Restored {
	readonly before: number;
	readonly after: number;
}

/** Returns whether an epoch is further in the future than clocks may differ. */
export function isInFuture(epoch: number, now: number): boolean {
	return epoch > now + MAX_AHEAD_MS;
}

/**
 * Returns the epoch of a store that is restored at a time: higher than its epoch before.
 *
 * An epoch of a wrong clock is the exception: it is so far ahead that no region can have accepted it, not even one whose
 * clock is ahead by the allowed skew.
 */
export function epochAfter(before: number, now = Date.now()): number {
	// mutant: epoch-rises
	return isInFuture(before, now + MAX_AHEAD_MS) ? now : Math.max(now, before + 1);
}
