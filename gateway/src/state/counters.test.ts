import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likesRows } from '../../test/arbitraries.ts';
import { type CounterRows, hashLikes, mergeLikes, NO_LIKES, revisionOf, totalsOf } from './counters.ts';

/** Returns the same counters in the opposite order. */
function reversed(rows: CounterRows): CounterRows {
	return Object.fromEntries(
		Object.entries(rows)
			.reverse()
			.map(([store, { epoch, counts }]) => [
				store,
				{ epoch, counts: Object.fromEntries(Object.entries(counts).reverse()) },
			]),
	);
}

describe('mergeLikes', () => {
	it('is commutative', () => {
		fc.assert(
			fc.property(likesRows, likesRows, (a, b) => {
				expect(mergeLikes(a, b)).toEqual(mergeLikes(b, a));
			}),
		);
	});

	it('is associative', () => {
		fc.assert(
			fc.property(likesRows, likesRows, likesRows, (a, b, c) => {
				expect(mergeLikes(mergeLikes(a, b), c)).toEqual(mergeLikes(a, mergeLikes(b, c)));
			}),
		);
	});

	it('returns the known state itself without new counts', () => {
		fc.assert(
			fc.property(likesRows, likesRows, (a, b) => {
				const both = mergeLikes(a, b);
				expect(mergeLikes(both, a)).toBe(both);
				expect(mergeLikes(both, b)).toBe(both);
				expect(mergeLikes(both, both)).toBe(both);
				expect(mergeLikes(both, NO_LIKES)).toBe(both);
			}),
		);
	});

	it('returns another state when a number is larger', () => {
		const known: CounterRows = { s: { epoch: 1, counts: { heart: [5, 2] } } };
		for (const next of [
			{ s: { epoch: 1, counts: { heart: [6, 2] } } },
			{ s: { epoch: 1, counts: { heart: [5, 3] } } },
			{ s: { epoch: 1, counts: { clap: [1, 0] } } },
			{ s: { epoch: 2, counts: {} } },
			{ t: { epoch: 1, counts: {} } },
		] satisfies CounterRows[]) {
			expect(mergeLikes(known, next)).not.toBe(known);
		}
		expect(known).toEqual({ s: { epoch: 1, counts: { heart: [5, 2] } } });
	});

	it('takes the larger of each count', () => {
		const a: CounterRows = { s: { epoch: 1, counts: { heart: [5, 0], clap: [1, 1] } } };
		const b: CounterRows = { s: { epoch: 1, counts: { heart: [3, 2] } } };
		expect(mergeLikes(a, b)).toEqual({ s: { epoch: 1, counts: { heart: [5, 2], clap: [1, 1] } } });
	});

	it('drops the counts of a lower epoch of the store', () => {
		const old: CounterRows = {
			s: { epoch: 1, counts: { heart: [900, 0], clap: [7, 0] } },
			t: { epoch: 9, counts: {} },
		};
		const restored: CounterRows = { s: { epoch: 2, counts: { heart: [10, 1] } } };
		const merged = { s: { epoch: 2, counts: { heart: [10, 1] } }, t: { epoch: 9, counts: {} } };
		expect(mergeLikes(old, restored)).toEqual(merged);
		expect(mergeLikes(mergeLikes(old, restored), old)).toEqual(merged);
	});
});

describe('totalsOf and revisionOf', () => {
	it('return added less removed likes over all stores', () => {
		const rows: CounterRows = {
			s: { epoch: 1, counts: { heart: [5, 2], clap: [1, 1] } },
			t: { epoch: 4, counts: { heart: [10, 0] } },
		};
		expect(totalsOf(rows)).toEqual({ heart: 13, clap: 0 });
		expect(totalsOf(NO_LIKES)).toEqual({});
	});

	it('return a revision that never falls while a store keeps its epoch', () => {
		const oneEpoch = likesRows.map((rows) =>
			Object.fromEntries(Object.entries(rows).map(([store, { counts }]) => [store, { epoch: 1, counts }])),
		);
		fc.assert(
			fc.property(oneEpoch, oneEpoch, (a, b) => {
				const both = mergeLikes(a, b);
				const grown = JSON.stringify(totalsOf(both)) !== JSON.stringify(totalsOf(a));
				if (grown) expect(revisionOf(both)).toBeGreaterThanOrEqual(revisionOf(a) + 1);
				else expect(revisionOf(both)).toBeGreaterThanOrEqual(revisionOf(a));
			}),
		);
	});
});

describe('hashLikes', () => {
	it('is the same for any order', () => {
		fc.assert(
			fc.property(likesRows, likesRows, (a, b) => {
				expect(hashLikes(mergeLikes(a, b))).toBe(hashLikes(mergeLikes(b, a)));
				expect(hashLikes(reversed(a))).toBe(hashLikes(a));
			}),
		);
	});

	it('differs when any number differs', () => {
		const states: CounterRows[] = [
			NO_LIKES,
			{ s: { epoch: 1, counts: {} } },
			{ s: { epoch: 2, counts: {} } },
			{ t: { epoch: 1, counts: {} } },
			{ s: { epoch: 1, counts: { heart: [1, 0] } } },
			{ s: { epoch: 1, counts: { heart: [0, 1] } } },
			{ s: { epoch: 1, counts: { heart: [1, 1] } } },
			{ s: { epoch: 1, counts: { clap: [1, 0] } } },
			{ s: { epoch: 1, counts: { heart: [11, 1] } } },
			{ s: { epoch: 1, counts: { heart: [1, 11] } } },
		];
		expect(new Set(states.map(hashLikes)).size).toBe(states.length);
	});
});
