import { describe, expect, it } from 'vitest';
import { type Clock, ClockComparison, encodeClock, parseClock } from './clock-comparison.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2030);
const UPTIME_MS = 60_000;

const clock = (aheadMs: number, more: Partial<Clock> = {}): Clock => ({
	time: NOW + aheadMs,
	uptimeMs: UPTIME_MS,
	agreeing: 1,
	...more,
});

function skewBeside(others: Readonly<Record<string, Clock>>, now = 0) {
	const comparison = new ClockComparison();
	for (const [node, said] of Object.entries(others)) comparison.received(node, said, NOW, 0);
	return comparison.skew(UPTIME_MS + now, now);
}

describe('ClockComparison', () => {
	it('finds no error without another clock, or with clocks that differ by up to an hour', () => {
		expect(skewBeside({})).toBeUndefined();
		expect(skewBeside({ a: clock(HOUR_MS), b: clock(-HOUR_MS), c: clock(0) })).toBeUndefined();
	});

	it('returns by how much a clock is ahead of most others, or behind them', () => {
		const early = clock(-2 * HOUR_MS);
		expect(skewBeside({ b: early, a: clock(-2 * HOUR_MS + 5), c: clock(0) })).toBeUndefined();
		expect(skewBeside({ b: early, a: early })).toEqual({ aheadMs: 2 * HOUR_MS, others: ['a', 'b'] });
		const late = clock(30 * HOUR_MS, { agreeing: 2 });
		expect(skewBeside({ a: late })).toEqual({ aheadMs: -30 * HOUR_MS, others: ['a'] });
	});

	it('takes the side of the oldest node when both sides have the same size', () => {
		expect(skewBeside({ a: clock(2 * HOUR_MS, { uptimeMs: UPTIME_MS - 1 }) })).toBeUndefined();
		expect(skewBeside({ a: clock(2 * HOUR_MS, { uptimeMs: UPTIME_MS + 1 }) })).toMatchObject({ others: ['a'] });
	});

	it('counts the nodes that another node knows, and forgets silent nodes', () => {
		const others = { a: clock(2 * HOUR_MS, { agreeing: 2, uptimeMs: 0 }) };
		expect(skewBeside(others)).toMatchObject({ others: ['a'] });
		expect(skewBeside(others, 10_001)).toBeUndefined();
	});
});

describe('parseClock', () => {
	it('parses encoded clocks, and no other text', () => {
		const said = clock(1, { uptimeMs: 1_234.5 });
		expect(parseClock(encodeClock(said))).toEqual({ ...said, uptimeMs: 1_234 });
		for (const text of ['', 'undefined', '1 2', '1 2 3 4', '-1 2 3', '1e3 2 3', `${'9'.repeat(17)} 1 1`]) {
			expect(parseClock(text)).toBeUndefined();
		}
	});
});
