import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { birthOf, createLikeRate, densityOf, planBurst, scaleOf } from './burst-plan.ts';

const random = () => 0.5;

/** Creates a source of numbers that cover 0 to 1 evenly, and are the same in each run. */
function createEvenNumbers() {
	let last = 0;
	return () => {
		last = (last + 0.618_034) % 1;
		return last;
	};
}

const plan = (count: number, changes: { own?: boolean; free?: number; recent?: number } = {}) =>
	planBurst({ count, recent: count, own: false, capacity: 500, free: 500, ...changes }, random);

describe('densityOf', () => {
	it('draws few likes one for one', () => {
		expect([0, 1, 10, 27].map((likes) => densityOf(likes, 500))).toEqual([0, 1, 10, 27]);
	});

	it('adds the same number of particles with each tenfold', () => {
		const [hundred = 0, thousand = 0, tenThousand = 0] = [100, 1_000, 10_000].map((likes) => densityOf(likes, 500));
		expect(hundred).toBeCloseTo((500 / 18) * (1 + Math.log(3.6)));
		expect(thousand - hundred).toBeCloseTo((500 / 18) * Math.LN10);
		expect(tenThousand - thousand).toBeCloseTo(thousand - hundred);
	});

	it('never falls with more likes, and is never more than they are', () => {
		const likes = fc.double({ min: 0, max: 1e9, noNaN: true });
		fc.assert(
			fc.property(likes, likes, fc.integer({ min: 1, max: 500 }), (one, other, capacity) => {
				const [less, more] = one < other ? [one, other] : [other, one];
				expect(densityOf(more, capacity)).toBeGreaterThanOrEqual(densityOf(less, capacity) - 1e-6);
				expect(densityOf(more, capacity)).toBeLessThanOrEqual(more);
			}),
		);
	});
});

describe('createLikeRate', () => {
	it('adds up the likes of the last second, and forgets older ones', () => {
		const rate = createLikeRate();
		expect(rate.add(5, 1_000)).toBe(5);
		expect(rate.add(5, 1_000)).toBe(10);
		expect(rate.add(1, 60_000)).toBeCloseTo(1);
	});

	it('forgets numbers that are none of likes', () => {
		const rate = createLikeRate();
		for (const count of [Number.NaN, -5, Number.POSITIVE_INFINITY]) rate.add(count, 0);
		expect(rate.add(1, 60_000)).toBeCloseTo(1);
	});
});

describe('planBurst', () => {
	/** Returns how many particles a second of deltas, one each 50 ms, adds to an empty canvas of 500 in its fifth second. */
	function bornIn(perSecond: number): number {
		const rate = createLikeRate();
		const even = createEvenNumbers();
		let born = 0;
		for (let now = 0; now < 5_000; now += 50) {
			const count = perSecond / 20;
			const { particles } = planBurst(
				{ count, recent: rate.add(count, now), own: false, capacity: 500, free: 500 },
				even,
			);
			if (now >= 4_000) born += particles;
		}
		return born;
	}

	it('draws each like of a slow stream, and a log scale of a fast one', () => {
		expect(Math.abs(bornIn(20) - 20)).toBeLessThanOrEqual(1);
		for (const perSecond of [100, 1_000, 10_000]) {
			const share = bornIn(perSecond) / densityOf(perSecond, 500);
			expect(share).toBeGreaterThan(0.85);
			expect(share).toBeLessThan(1.15);
		}
	});

	it('draws a few likes one for one', () => {
		expect([1, 2, 7, 10].map((count) => plan(count).particles)).toEqual([1, 2, 7, 10]);
	});

	it('draws 500 likes as more particles than 50, of more different sizes', () => {
		expect(plan(50).particles).toBe(44);
		expect(plan(500).particles).toBe(108);
		expect(plan(500).smallest).toBeLessThan(plan(50).smallest);
		expect(plan(500).largest).toBeGreaterThan(plan(50).largest);
		expect(plan(1e9).particles).toBeLessThanOrEqual(125);
	});

	it('draws no particle for a count below 1 or that is no number', () => {
		expect([0, -3, Number.NaN, 0.4].map((count) => plan(count).particles)).toEqual([0, 0, 0, 0]);
	});

	it('leaves room for the next burst: many in a row never fill the canvas', () => {
		let free = 300;
		for (let i = 0; i < 12; i++) {
			const { particles } = plan(500, { free });
			expect(particles).toBeGreaterThan(0);
			free -= particles;
		}
		expect(free).toBeGreaterThan(0);
		expect(plan(500, { free: 0 }).particles).toBe(0);
	});

	it('draws an own tap at once and larger, also on a full canvas', () => {
		expect(plan(1, { own: true, free: 0 })).toMatchObject({ particles: 1, smallest: 1.4 });
	});

	it('gives a rare type its share of the particles', () => {
		const even = createEvenNumbers();
		const shown = Array.from({ length: 1_000 }, () =>
			planBurst({ count: 1, recent: 1_000, own: false, capacity: 500, free: 500 }, even),
		).filter(({ particles }) => particles === 1).length;
		expect(shown).toBe(Math.round(densityOf(1_000, 500)));
	});

	it('spreads the births over a moment, the first at once', () => {
		expect(birthOf(plan(500), 0, () => 1)).toBe(0);
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, chance) => {
				const burst = plan(count);
				const births = Array.from({ length: burst.particles }, (_, index) => birthOf(burst, index, () => chance));
				expect([...births].sort((a, b) => a - b)).toEqual(births);
				expect(births.at(-1)).toBeLessThan(801);
				expect(scaleOf(burst, () => chance)).toBeLessThanOrEqual(1.4);
			}),
		);
	});
});
