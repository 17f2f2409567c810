/** The orders per millisecond of wall time: with more events, an order runs ahead of the clock. */
const ORDERS_PER_MS = 1_024;

/** The most that the wrong clock of another region moves an order ahead of the wall time, in milliseconds. */
const MAX_AHEAD_MS = 60_000;

/**
 * Returns the order of a new event of a log, by a hybrid logical clock.
 *
 * The order is above all orders of the own log, so it rises while the wall clock goes back. It is above the known orders of
 * other regions' logs, within the bound. Otherwise it is the wall time. The SQL of `likewire.append` computes the same
 * (Kulkarni et al., "Logical Physical Clocks", 2014).
 *
 * @param at wall time, in Unix milliseconds.
 * @param own the newest order of the own log; 0 for none.
 * @param others the newest known order of other regions' logs; 0 for none.
 */
export function nextOrder(at: number, own: number, others: number): number {
	const most = (at + MAX_AHEAD_MS) * ORDERS_PER_MS;
	return /* mutant: orders-by-own-log */ Math.max(at * ORDERS_PER_MS, own + 1, Math.min(others, most) + 1);
}
