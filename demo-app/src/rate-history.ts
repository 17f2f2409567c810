/** The number of likes in each second of the last minute. */
export interface RateHistory {
	add(count: number, now: number): void;
	/** Returns one number a second, the oldest first, with the current second last. */
	at(now: number): readonly number[];
}

export const SECONDS_SHOWN = 60;

/** Creates a history in a circular buffer of one minute. */
export function createRateHistory(): RateHistory {
	const counts = new Array<number>(SECONDS_SHOWN).fill(0);
	let newest = 0;

	/** Advances to a second, and clears the seconds since the last one. */
	function advanceTo(second: number): void {
		for (let next = Math.max(newest + 1, second - SECONDS_SHOWN + 1); next <= second; next++) {
			counts[next % SECONDS_SHOWN] = 0;
		}
		newest = Math.max(newest, second);
	}

	return {
		add(count, now) {
			advanceTo(Math.floor(now / 1000));
			const slot = newest % SECONDS_SHOWN;
			counts[slot] = (counts[slot] ?? 0) + count;
		},
		at(now) {
			advanceTo(Math.floor(now / 1000));
			const first = (newest + 1) % SECONDS_SHOWN;
			return [...counts.slice(first), ...counts.slice(0, first)];
		},
	};
}

/** Returns the average rate of the last three full seconds, which is steadier than one second. */
export function currentRate(history: readonly number[]): number {
	const recent = history.slice(-4, -1);
	return recent.reduce((total, count) => total + count, 0) / recent.length;
}

/** Returns the median; undefined for an empty list. */
export function median(values: readonly number[]): number | undefined {
	return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
