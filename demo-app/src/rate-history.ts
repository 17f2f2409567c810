/** How many likes came in each second of the last minute. */
export interface RateHistory {
	add(count: number, now: number): void;
	/** One number a second, the oldest first, the second that is not over yet last. */
	at(now: number): readonly number[];
}

export const SECONDS_SHOWN = 60;

/** A ring of seconds: as old as the page may be, it holds one minute. */
export function createRateHistory(): RateHistory {
	const counts = new Array<number>(SECONDS_SHOWN).fill(0);
	let newest = 0;

	/** Empties the seconds that have begun since. */
	function turnTo(second: number): void {
		for (let next = Math.max(newest + 1, second - SECONDS_SHOWN + 1); next <= second; next++) {
			counts[next % SECONDS_SHOWN] = 0;
		}
		newest = Math.max(newest, second);
	}

	return {
		add(count, now) {
			turnTo(Math.floor(now / 1000));
			const slot = newest % SECONDS_SHOWN;
			counts[slot] = (counts[slot] ?? 0) + count;
		},
		at(now) {
			turnTo(Math.floor(now / 1000));
			const first = (newest + 1) % SECONDS_SHOWN;
			return [...counts.slice(first), ...counts.slice(0, first)];
		},
	};
}

/** Likes a second over the last three full seconds: one alone jumps about. */
export function currentRate(history: readonly number[]): number {
	const recent = history.slice(-4, -1);
	return recent.reduce((total, count) => total + count, 0) / recent.length;
}

/** The middle of some numbers; undefined when there are none. */
export function median(values: readonly number[]): number | undefined {
	return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
