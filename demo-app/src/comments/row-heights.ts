/** Where rows of different heights stand, in pixels. A row that was never drawn has the height that most have. */
export interface RowHeights {
	readonly total: number;
	/** Lays rows out by their keys, from the top. */
	layOut(keys: readonly string[]): void;
	/** Of the row of this index; that of the end when there is none. */
	topOf(index: number): number;
	/** The row that covers a place; the nearest one outside. */
	indexAt(top: number): number;
	/** Says whether it is another than before. */
	measure(key: string, height: number): boolean;
	/** All rows were drawn anew, in another width. */
	forget(): void;
}

export function createRowHeights(estimate: number): RowHeights {
	const measured = new Map<string, number>();
	/** One more than rows: the last is the end. */
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
