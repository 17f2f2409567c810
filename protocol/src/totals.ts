/** Likes by reaction type. A missing type counts as zero. */
export type Totals = Readonly<Record<string, number>>;

/** Returns `totals` with `delta` added: the totals of a viewer after an event. */
export function addTotals(totals: Totals, delta: Totals): Totals {
	const sum: Record<string, number> = { ...totals };
	for (const [type, count] of Object.entries(delta)) sum[type] = (sum[type] ?? 0) + count;
	return sum;
}

/** Returns `to` minus `from`, for the types that differ. */
export function diffTotals(from: Totals, to: Totals): Totals {
	const delta: Record<string, number> = {};
	for (const type of Object.keys({ ...from, ...to })) {
		const change = (to[type] ?? 0) - (from[type] ?? 0);
		if (change !== 0) delta[type] = change;
	}
	return delta;
}

/** Returns the sum over all types. */
export function sumTotals(totals: Totals): number {
	return Object.values(totals).reduce((sum, count) => sum + count, 0);
}
