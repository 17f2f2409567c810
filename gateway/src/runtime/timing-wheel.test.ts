import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimingWheel } from './timing-wheel.ts';

const TICK_MS = 10;
const SLOTS = 16;

describe('TimingWheel', () => {
	it('fires each timer once, never early and at most one tick late, while the clock jumps', () => {
		const step = fc.oneof(
			fc.record({ adds: fc.integer({ min: -50, max: 1_000 }) }),
			fc.record({ waits: fc.oneof(fc.integer({ min: 0, max: 25 }), fc.integer({ min: 0, max: 2_000 })) }),
		);
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 5_000 }), fc.array(step, { maxLength: 80 }), (start, steps) => {
				const wheel = new TimingWheel<number>(TICK_MS, SLOTS, start);
				/** The due times of the timers, by number. */
				const set = new Map<number, { readonly at: number }>();
				let now = start;
				let numbers = 0;
				const look = () => {
					for (const number of wheel.take(now)) {
						expect(set.get(number)?.at ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(now);
						expect(set.delete(number)).toBe(true);
					}
					for (const { at } of set.values()) expect(now).toBeLessThan(at + TICK_MS);
					expect(wheel.size).toBe(set.size);
				};
				for (const one of steps) {
					if ('adds' in one) {
						// A timer for the past is due with the next tick.
						const at = Math.max(now + one.adds, (Math.floor(now / TICK_MS) + 1) * TICK_MS);
						set.set(++numbers, { at });
						wheel.add(numbers, now + one.adds);
					} else {
						now += one.waits;
						look();
					}
				}
				now += 3_000;
				look();
				expect(wheel.size).toBe(0);
			}),
		);
	});

	it('is due with every tick while a timer is set, and otherwise never', () => {
		const wheel = new TimingWheel<string>(TICK_MS, SLOTS, 104);
		expect(wheel.dueAt).toBeUndefined();
		wheel.add('a', 118);
		expect(wheel.dueAt).toBe(110);
		expect(wheel.take(110)).toEqual([]);
		expect(wheel.dueAt).toBe(120);
		expect(wheel.take(119)).toEqual([]);
		expect(wheel.take(120)).toEqual(['a']);
		expect(wheel.dueAt).toBeUndefined();
	});

	it('fires nothing while the clock goes back', () => {
		const wheel = new TimingWheel<string>(TICK_MS, SLOTS, 500);
		wheel.add('a', 510);
		expect(wheel.take(100)).toEqual([]);
		expect(wheel.take(510)).toEqual(['a']);
	});

	it('fires a timer that is added again after each fire', () => {
		const wheel = new TimingWheel<string>(TICK_MS, SLOTS, 0);
		wheel.add('a', 10);
		for (let now = 10; now <= 500; now += 10) {
			const fired = wheel.take(now);
			expect(fired).toEqual(['a']);
			wheel.add('a', now + 1);
		}
		expect(wheel.size).toBe(1);
	});
});
