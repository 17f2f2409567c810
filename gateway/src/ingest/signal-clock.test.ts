import { describe, expect, it } from 'vitest';
import { HybridClock, ORDERS_PER_MS } from './signal-clock.ts';

const DAY_MS = 86_400_000;
const WALL = Date.UTC(2030);

/** A clock whose monotonic clock was 0 at WALL, and whose store has that time. */
function started(at = 0): HybridClock {
	const clock = new HybridClock();
	clock.learn({ at, wallTime: WALL }, 0, 0, true);
	return clock;
}

const timeOf = (order: number) => order / ORDERS_PER_MS;

describe('HybridClock', () => {
	it('returns rising orders, also within a millisecond and after the wall clock is set back', () => {
		const clock = new HybridClock();
		const orders = [0, 0, 1, 1, 2].map((now) => clock.next(WALL + now, now));
		for (const back of [60_000, DAY_MS]) orders.push(clock.next(WALL - back, 10), clock.next(WALL - back, 11));
		clock.learn({ at: 0, wallTime: WALL - DAY_MS }, 12, 13);
		orders.push(clock.next(WALL - DAY_MS, 13), clock.next(WALL - DAY_MS, 14));
		expect(orders).toEqual([...new Set(orders)].sort((a, b) => a - b));
		expect(orders[0]).toBe(WALL * ORDERS_PER_MS);
	});

	it('follows the time of the store, for any wall clock of the node', () => {
		for (const wrong of [-DAY_MS, 0, DAY_MS]) {
			expect(timeOf(started().next(WALL + wrong, 5_000))).toBe(WALL + 5_000);
		}
	});

	it('is not moved by a slow answer of the store', () => {
		const clock = started();
		for (const [askedAt, saidAt, now] of [
			[1_000, 1_000, 1_900],
			[2_000, 2_900, 2_900],
			[3_000, 3_450, 3_900],
		] as const) {
			clock.learn({ at: 0, wallTime: WALL + saidAt }, askedAt, now);
			expect(clock.time(0, now)).toBe(WALL + now);
		}
	});

	it('orders the signals of the nodes of one store by time, also while they are ahead of it', () => {
		const [a, b] = [started(WALL + DAY_MS), started(WALL + DAY_MS)];
		let last = 0;
		for (let now = 0; now < 100_000; now += 1_000) {
			for (const [index, clock] of [a, b].entries()) {
				const at = now + index;
				const order = clock.next(WALL, at);
				expect(order).toBeGreaterThan(last);
				last = order;
				clock.learn({ at: Math.ceil(clock.time(0, at)), wallTime: WALL + at }, at, at);
			}
		}
	});

	it('continues after the orders of an earlier life, and returns to the time', () => {
		const clock = started(WALL + DAY_MS);
		expect(timeOf(clock.next(WALL, 0))).toBe(WALL + DAY_MS + 2_000);
		expect(timeOf(clock.next(WALL, 10_000))).toBe(WALL + DAY_MS + 7_000);
		expect(timeOf(clock.next(WALL, 3 * DAY_MS))).toBe(WALL + 3 * DAY_MS);
	});

	it('returns to the time also while the nodes of a region synchronize through the store', () => {
		const clock = started(WALL + DAY_MS);
		let at = WALL + DAY_MS;
		for (let now = 0; now <= 3 * DAY_MS; now += 60_000) {
			clock.next(WALL, now);
			at = Math.max(at, Math.ceil(clock.time(0, now)));
			clock.learn({ at, wallTime: WALL + now }, now, now);
		}
		expect(timeOf(clock.next(WALL, 3 * DAY_MS)) - (WALL + 3 * DAY_MS)).toBeLessThan(10);
	});

	it('does not fall back when the clock of the store is set back', () => {
		const clock = started();
		const before = clock.next(WALL, 1_000);
		clock.learn({ at: 0, wallTime: WALL - DAY_MS }, 2_000, 2_000);
		expect(clock.next(WALL, 2_000)).toBeGreaterThan(before);
		expect(timeOf(clock.next(WALL, 2_000))).toBeCloseTo(WALL + 2_000, 0);
	});

	it('exceeds a known order, and is raised neither by it nor by an invalid time', () => {
		const clock = started();
		expect(clock.next(WALL, 0, Number.MAX_SAFE_INTEGER - 1)).toBe(Number.MAX_SAFE_INTEGER);
		clock.learn({ at: Number.MAX_SAFE_INTEGER, wallTime: WALL }, 0, 0);
		clock.learn({ at: 0, wallTime: Number.MAX_SAFE_INTEGER }, 0, 0);
		expect(clock.next(WALL, 1)).toBeLessThan((WALL + 10) * ORDERS_PER_MS);
	});
});
