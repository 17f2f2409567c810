import { describe, expect, it } from 'vitest';
import { bestLoop } from './replay.ts';

describe('bestLoop', () => {
	it('returns the start of the loop with the most reactions of all types, of equal ones the first', () => {
		const points = [
			{ at: 12_000, counts: { heart: 2 } },
			{ at: 24_000, counts: { clap: 2, heart: 1 } },
			{ at: 48_000, counts: { wow: 3 } },
		];
		expect(bestLoop(points)).toBe(24_000);
		expect(bestLoop([])).toBeUndefined();
	});
});
