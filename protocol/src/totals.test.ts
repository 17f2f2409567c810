import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addTotals, diffTotals, sumTotals } from './totals.ts';

const totals = fc.dictionary(fc.constantFrom('heart', 'like', 'clap'), fc.integer({ min: 0, max: 1_000_000 }));

describe('totals', () => {
	it('equal the newer state after adding the difference to the older', () => {
		fc.assert(
			fc.property(totals, totals, (from, to) => {
				const reached = addTotals(from, diffTotals(from, to));
				for (const type of Object.keys({ ...from, ...to })) expect(reached[type] ?? 0).toBe(to[type] ?? 0);
			}),
		);
	});

	it('differ in no type from themselves', () => {
		fc.assert(
			fc.property(totals, (state) => {
				expect(diffTotals(state, state)).toEqual({});
			}),
		);
	});

	it('count a missing type as zero', () => {
		expect(diffTotals({}, { heart: 2 })).toEqual({ heart: 2 });
		expect(diffTotals({ heart: 2 }, {})).toEqual({ heart: -2 });
		expect(diffTotals({ heart: 0 }, {})).toEqual({});
		expect(addTotals({ clap: 1 }, { heart: 2 })).toEqual({ clap: 1, heart: 2 });
	});

	it('do not change when a delta is added', () => {
		const before = { heart: 1 };
		addTotals(before, { heart: 5 });
		expect(before).toEqual({ heart: 1 });
	});

	it('sum over all types', () => {
		expect(sumTotals({ heart: 2, clap: 3 })).toBe(5);
		expect(sumTotals({})).toBe(0);
	});
});
