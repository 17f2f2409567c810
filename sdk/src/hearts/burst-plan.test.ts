import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { birthOf, planBurst, scaleOf } from './burst-plan.ts';

const plan = (count: number, changes: { own?: boolean; calm?: boolean; free?: number } = {}) =>
	planBurst({ count, own: false, calm: false, free: 300, ...changes });

describe('planBurst', () => {
	it('draws a few likes one for one', () => {
		expect([1, 2, 7, 10].map((count) => plan(count).particles)).toEqual([1, 2, 7, 10]);
	});

	it('draws 500 likes so that they look like more than 50, with fewer than 500 particles', () => {
		expect(plan(50).particles).toBe(30);
		expect(plan(500).particles).toBe(60);
		expect(plan(500).smallest).toBeLessThan(plan(50).smallest);
		expect(plan(500).largest).toBeGreaterThan(plan(50).largest);
		expect(plan(1e9).particles).toBeLessThanOrEqual(90);
	});

	it('draws no particle for a count below 1 or that is no number', () => {
		expect([0, -3, Number.NaN, 0.4].map((count) => plan(count).particles)).toEqual([0, 0, 0, 0]);
	});

	it('leaves room for the next burst: many in a row never fill the canvas, and each is visible', () => {
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
		expect(plan(1, { own: true, free: 0 })).toMatchObject({ particles: 1, overMs: 0, smallest: 1.4 });
	});

	it('draws few particles for users with less motion', () => {
		expect(plan(500, { calm: true }).particles).toBe(3);
		expect(plan(1, { calm: true }).particles).toBe(1);
	});

	it('spreads the births over a moment, the first at once', () => {
		expect(birthOf(plan(500), 0, () => 1)).toBe(0);
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, chance) => {
				const burst = plan(count);
				let last = 0;
				for (let i = 0; i < burst.particles; i++) {
					const birth = birthOf(burst, i, () => chance);
					expect(birth).toBeGreaterThanOrEqual(last);
					expect(birth).toBeLessThan(801);
					expect(scaleOf(burst, () => chance)).toBeLessThanOrEqual(1.4);
					last = birth;
				}
			}),
		);
	});
});
