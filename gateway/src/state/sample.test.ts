import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likeOf, likes } from '../../test/arbitraries.ts';
import { mergeSamples, SAMPLE_SIZE, sampleOf } from './sample.ts';

describe('sampleOf', () => {
	it('has each like once, and at most 8 likes', () => {
		fc.assert(
			fc.property(likes, (some) => {
				const ids = new Set(some.map(({ id }) => id));
				const sample = sampleOf(some);
				expect(new Set(sample.map(({ id }) => id)).size).toBe(sample.length);
				expect(sample.length).toBe(Math.min(SAMPLE_SIZE, ids.size));
				expect(some).toEqual(expect.arrayContaining([...sample]));
			}),
		);
	});

	it('merges with another sample to the sample of all likes of both', () => {
		fc.assert(
			fc.property(likes, likes, (a, b) => {
				expect(mergeSamples(sampleOf(a), sampleOf(b))).toEqual(sampleOf([...a, ...b]));
			}),
		);
	});

	it('merges the same in any order, any grouping and any number of times', () => {
		const samples = likes.map(sampleOf);
		fc.assert(
			fc.property(samples, samples, samples, (a, b, c) => {
				expect(mergeSamples(a, b)).toEqual(mergeSamples(b, a));
				expect(mergeSamples(mergeSamples(a, b), c)).toEqual(mergeSamples(a, mergeSamples(b, c)));
				expect(mergeSamples(mergeSamples(a, b), b)).toEqual(mergeSamples(a, b));
			}),
		);
	});

	it('does not favour early or late likes', () => {
		const chosen = sampleOf(Array.from({ length: 10_000 }, (_, number) => likeOf(number))).map(({ at }) => at);
		expect(Math.min(...chosen)).toBeLessThan(5_000);
		expect(Math.max(...chosen)).toBeGreaterThan(5_000);
	});
});
