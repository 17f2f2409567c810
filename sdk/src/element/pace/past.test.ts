import { describe, expect, it } from 'vitest';
import { createPast } from './past.ts';

const POINTS = [
	{ at: 10_000, counts: { heart: 1 } },
	{ at: 12_000, counts: { clap: 2, heart: 100 } },
];
const past = createPast(POINTS, { heart: 5 });

describe('the reactions of a recording', () => {
	it('add up to the playhead, and to all of them at the end', () => {
		const moments = [0, 10_000, 10_499, 10_500, 11_500, 12_000, 12_250, 12_500, 13_000, 99_000];
		expect(moments.map((at) => past.upTo(at))).toEqual([
			...[{ heart: 5 }, { heart: 5 }, { heart: 5 }, { heart: 6 }, { heart: 6 }, { heart: 6 }],
			{ clap: 1, heart: 31 },
			{ clap: 1, heart: 56 },
			{ clap: 2, heart: 106 },
			{ clap: 2, heart: 106 },
		]);
	});

	it('fly at their second, each once, however the steps of the playhead fall', () => {
		for (const step of [16, 100, 249, 1_000]) {
			const flown: Record<string, number> = {};
			for (let at = 9_000; at < 15_000; at += step) {
				for (const [type, count] of Object.entries(past.between(at, at + step))) {
					flown[type] = (flown[type] ?? 0) + count;
					expect(POINTS.some((point) => at < point.at + 1_000 && at + step > point.at)).toBe(true);
				}
			}
			expect(flown).toEqual({ clap: 2, heart: 101 });
		}
	});

	it('do not fly over a jump, and backwards none does', () => {
		expect(past.between(9_000, 12_600)).toEqual({});
		expect(past.between(13_000, 12_000)).toEqual({});
		expect(past.between(12_500, 12_500)).toEqual({});
	});

	it('may be none', () => {
		expect(createPast([], {}).upTo(1)).toEqual({});
	});
});
