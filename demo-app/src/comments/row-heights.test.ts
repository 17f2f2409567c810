import { expect, it } from 'vitest';
import { createRowHeights } from './row-heights.ts';

it('finds the row at each position, measured or not', () => {
	const heights = createRowHeights(50);
	expect(heights.measure('b', 100)).toBe(true);
	expect(heights.measure('b', 100)).toBe(false);
	heights.layOut(['a', 'b', 'c']);
	expect(heights.total).toBe(200);
	expect([0, 1, 2, 3, 9].map(heights.topOf)).toEqual([0, 50, 150, 200, 200]);
	expect([-5, 0, 49, 50, 149, 150, 500].map(heights.indexAt)).toEqual([0, 0, 0, 1, 1, 2, 2]);
	heights.forget();
	heights.layOut(['a', 'b']);
	expect(heights.total).toBe(100);
});

it('has no height without rows', () => {
	const heights = createRowHeights(50);
	heights.layOut([]);
	expect([heights.total, heights.topOf(0), heights.indexAt(10)]).toEqual([0, 0, 0]);
});
