/** The positions of rows of different heights, in pixels. A row that was never rendered has an estimated height. */
export interface RowHeights {
	readonly total: number;
	/** Computes the positions of rows, by their keys, from the top. */
	layOut(keys: readonly string[]): void;
	/** Returns the top of the row with an index; beyond the last row, the end. */
	topOf(index: number): number;
	/** Returns the index of the row at a position, or of the nearest row. */
	indexAt(top: number): number;
	/** Sets the height of a row. Returns whether it changed. */
	measure(key: string, height: number): boolean;
	/** Drops all heights, after a change of the width. */
	forget(): void;
}

export function createRowHeights(estimate: number): RowHeights {
	const measured = new Map<string, number>();
	/** The top of each row, and the end. */
	let tops: number[] = [0];

	return {
		get total() {
			return tops.at(-1) ?? 0;
		},
		layOut(keys) {
			let top = 0;
			tops = [0];
			for (const key of keys) {
				top += measured.get(key) ?? estimate;
				tops.push(top);
			}
		},
		topOf: (index) => tops[Math.max(0, Math.min(index, tops.length - 1))] ?? 0,
		indexAt(place) {
			let low = 0;
			let high = Math.max(0, tops.length - 2);
			while (low < high) {
				const middle = (low + high + 1) >> 1;
				if ((tops[middle] ?? 0) <= place) low = middle;
				else high = middle - 1;
			}
			return low;
		},
		measure(key, height) {
			if (measured.get(key) === height) return false;
			measured.set(key, height);
			return true;
		},
		forget: () => measured.clear(),
	};
}
