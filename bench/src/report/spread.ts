/** What several runs measured of one figure. */
export interface Spread {
	readonly median: number;
	readonly lowest: number;
	readonly highest: number;
	/** The number of runs that measured it. */
	readonly runs: number;
}

/** Returns the spread of values; NaN without a value. A run that could not measure has the value NaN, which does not count. */
export function spreadOf(values: readonly number[]): Spread {
	const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
	const at = (index: number) => sorted[index] ?? Number.NaN;
	const middle = (sorted.length - 1) / 2;
	return {
		median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
		lowest: at(0),
		highest: at(sorted.length - 1),
		runs: sorted.length,
	};
}

/** Returns whether two spreads have no value in common. */
export function apart(a: Spread, b: Spread): boolean {
	return a.highest < b.lowest || b.highest < a.lowest;
}
