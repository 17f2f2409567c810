import { describe, expect, it } from 'vitest';
import { HybridClock, ORDERS_PER_MS } from './signal-clock.ts';

const DAY_MS = 86_400_000;
const WALL = Date.UTC(2030);

describe('HybridClock', () => {
	it('rises with each order, also within a millisecond and after the wall clock is set back', () => {
		const clock = new HybridClock();
		const orders = [0, 0, 1, 1, 2].map((now) => clock.next(WALL + now, now));
		for (const back of [60_000, DAY_MS]) orders.push(clock.next(WALL - back, 10), clock.next(WALL - back, 11));
		expect(orders).toEqual([...new Set(orders)].sort((a, b) => a - b));
		expect(orders[0]).toBe(WALL * ORDERS_PER_MS);
	});

	it('goes on with the monotonic clock while the wall clock is behind', () => {
		const clock = new HybridClock();
		clock.next(WALL, 0);
		expect(clock.next(WALL - DAY_MS, 5_000)).toBe((WALL + 5_000) * ORDERS_PER_MS);
	});

	it('follows a wall clock that is set ahead', () => {
		const clock = new HybridClock();
		clock.next(WALL, 0);
		expect(clock.next(WALL + DAY_MS, 1)).toBe((WALL + DAY_MS) * ORDERS_PER_MS);
	});

	it('goes on after the orders of other nodes, and of an earlier life', () => {
		const clock = new HybridClock();
		clock.learn(WALL, 0);
		expect(clock.next(WALL - DAY_MS, 7)).toBe((WALL + 7) * ORDERS_PER_MS);
	});

	it('is above an order that is known, and not raised by it, nor by a time that is made up', () => {
		const clock = new HybridClock();
		expect(clock.next(WALL, 0, Number.MAX_SAFE_INTEGER - 1)).toBe(Number.MAX_SAFE_INTEGER);
		clock.learn(Number.MAX_SAFE_INTEGER, 0);
		expect(clock.next(WALL, 1)).toBeLessThan((WALL + 10) * ORDERS_PER_MS);
	});
});
