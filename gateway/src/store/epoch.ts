/** The epochs of a store before and after it was restored. */
export interface Restored {
	readonly before: number;
	readonly after: number;
}

/** The epoch of a store that is restored now: ordered by time, and higher than the last one whatever the clock says. */
export function epochAfter(before: number): number {
	return Math.max(Date.now(), before + 1);
}
