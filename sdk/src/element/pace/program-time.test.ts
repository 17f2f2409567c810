import { describe, expect, it } from 'vitest';
import { parseStart, positionAt, timeAt, wholeSpan } from './program-time.ts';

/** 10 s, then a break of a minute that the media leaves out, then 5 s. */
const SPANS = [
	{ time: 0, duration: 10, position: 100_000 },
	{ time: 10, duration: 5, position: 170_000 },
];

describe('the time of the program', () => {
	it('is read from an ISO time or Unix milliseconds, and from no other text', () => {
		expect(parseStart('2026-03-05T12:00:00Z')).toBe(Date.UTC(2026, 2, 5, 12));
		expect(parseStart('1700000000000')).toBe(1_700_000_000_000);
		expect(['', 'soon', '12.5.2026x', '-'].map(parseStart)).toEqual([undefined, undefined, undefined, undefined]);
	});

	it('follows the parts of a media, and their first one before it', () => {
		expect([-1, 0, 9.5, 10, 14].map((time) => positionAt(SPANS, time))).toEqual([
			99_000, 100_000, 109_500, 170_000, 174_000,
		]);
		expect(positionAt([], 1)).toBeUndefined();
		expect(positionAt(wholeSpan(5_000), 2)).toBe(7_000);
	});

	it('leads back to the media, at the break to its start, and nowhere outside', () => {
		expect([99_999, 100_000, 105_000, 140_000, 170_000, 175_000, 175_001].map((at) => timeAt(SPANS, at))).toEqual([
			undefined,
			0,
			5,
			10,
			10,
			15,
			undefined,
		]);
		expect(timeAt(wholeSpan(5_000), 7_500)).toBe(2.5);
		expect(timeAt([], 1)).toBeUndefined();
	});
});
