import { expect, it } from 'vitest';
import { createRateHistory, currentRate, median, SECONDS_SHOWN } from './rate-history.ts';

const start = 1_700_000_000_000;

it('counts likes by second, the newest last', () => {
	const history = createRateHistory();
	history.add(3, start);
	history.add(2, start + 999);
	history.add(7, start + 2000);
	expect(history.at(start + 2500)).toHaveLength(SECONDS_SHOWN);
	expect(history.at(start + 2500).slice(-4)).toEqual([0, 5, 0, 7]);
});

it('drops counts older than a minute, also after a long pause', () => {
	const history = createRateHistory();
	history.add(3, start);
	expect(history.at(start + 59_000)[0]).toBe(3);
	expect(history.at(start + 60_000)[0]).toBe(0);
	history.add(4, start + 60_000);
	expect(history.at(start + 3_600_000).every((count) => count === 0)).toBe(true);
});

it('adds to the newest second when the clock is set back', () => {
	const history = createRateHistory();
	history.add(3, start);
	history.add(2, start - 5000);
	expect(history.at(start).at(-1)).toBe(5);
});

it('returns the rate of the last three full seconds', () => {
	expect(currentRate([9, 9, 3, 6, 0, 50])).toBe(3);
});

it('returns the median', () => {
	expect(median([])).toBeUndefined();
	expect(median([9])).toBe(9);
	expect(median([40, 2, 7])).toBe(7);
	expect(median([40, 2, 7, 3])).toBe(3);
});
