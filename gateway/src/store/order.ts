/** Orders per millisecond of wall time: so many events of one millisecond fit before an order runs ahead of the clock. */
const ORDERS_PER_MS = 1_024;

/** Another region, whose clock may be wrong, moves an order at most this far ahead of the wall time, in milliseconds. */
const MAX_AHEAD_MS = 60_000;

/**
 * The order of an event that is added to the log of a topic: a hybrid logical clock (Kulkarni et al., "Logical Physical
 * Clocks", 2014). Later than all of the own log, so it rises while the wall clock is set back; later than what is known of
 * other regions' logs, within the bound; else the wall time. The SQL of `likewire.append` computes the same.
 *
 * @param at wall time, in Unix milliseconds.
 * @param own the newest order of the own log; 0 for none.
 * @param others the newest order that is known of other regions' logs; 0 for none.
 */
export function nextOrder(at: number, own: number, others: number): number {
	const most = (at + MAX_AHEAD_MS) * ORDERS_PER_MS;
	return /* mutant: orders-by-own-log */ Math.max(at * ORDERS_PER_MS, own + 1, Math.min(others, most) + 1);
}
