/** Likes by reaction type. A type that is absent counts zero. */
export type Totals = Readonly<Record<string, number>>;

/** `totals` with `delta` added; what a viewer holds after an event. */
export function addTotals(totals: Totals, delta: Totals): Totals {
	const sum: Record<string, number> = { ...totals };
	for (const [type, count] of Object.entries(delta)) sum[type] = (sum[type] ?? 0) + count;
	return sum;
}

/** What `to` has more than `from`: only the types that differ, negative where it has less. */
export function diffTotals(from: Totals, to: Totals): Totals {
	const delta: Record<string, number> = {};
	for (const type of Object.keys({ ...from, ...to })) {
		const change = (to[type] ?? 0) - (from[type] ?? 0);
		if (change !== 0) delta[type] = change;
	}
	return delta;
}

/** All reactions together. */
export function sumTotals(totals: Totals): number {
	return Object.values(totals).reduce((sum, count) => sum + count, 0);
}
