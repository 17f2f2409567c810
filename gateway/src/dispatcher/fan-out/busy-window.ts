/** The period in which the window follows the load, in milliseconds. */
export const ADJUST_MS = 100;

/** The share of time in which the event loop of a dispatcher should work at most. */
const TARGET = 0.7;

/** The longest window, in milliseconds: with the batches of hundreds of frontends it leaves most of 100 ms unused. */
const MAX_MS = 50;

/**
 * Returns the next window of a dispatcher, in milliseconds. Each batch costs the same, whatever merged into it. So a
 * dispatcher that is busier than its target sends fewer batches, from the configured window up to {@link MAX_MS}.
 * It goes half of the way, since one measurement is not the load.
 */
export function nextWindow(windowMs: number, utilization: number, configuredMs: number): number {
	const wanted = (windowMs * utilization) / TARGET;
	return Math.max(configuredMs, Math.min(MAX_MS, (windowMs + wanted) / 2));
}
