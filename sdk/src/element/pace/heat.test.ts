import { describe, expect, it } from 'vitest';
import { heatOf } from './heat.ts';
import { wholeSpan } from './program-time.ts';

const T = 1_700_000_000_000;
const point = (second: number, heart: number) => ({ at: T + second * 1_000, counts: { heart } });

describe('heatOf', () => {
	it('has a column for each second of a short recording, as high as its reactions', () => {
		const heat = heatOf([point(-1, 9), point(0, 1), point(2, 4), point(3, 2), point(4, 9)], wholeSpan(T), 4);
		expect(heat.columns).toEqual([1, 0, 4, 2]);
		expect(heat.peak).toBe(2.5);
		expect(heat.path).toBe('M0 1L0 0.75L0.5 0.75L1.5 1L2.5 0L3.5 0.5L4 0.5L4 1Z');
	});

	it('gathers the seconds of a long one', () => {
		const { columns } = heatOf([point(0, 1), point(23, 1), point(24, 5)], wholeSpan(T), 3_600);
		expect(columns).toHaveLength(150);
		expect(columns.slice(0, 3)).toEqual([2, 5, 0]);
	});

	it('is empty without reactions', () => {
		expect(heatOf([], wholeSpan(T), 0.5)).toEqual({ columns: [0], peak: undefined, path: '' });
	});
});
