import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { update } from '../../test/arbitraries.ts';
import { mergeUpdates } from './update.ts';

describe('mergeUpdates', () => {
	it('is the same in any order, any grouping and any number of times', () => {
		fc.assert(
			fc.property(update, update, update, (a, b, c) => {
				expect(mergeUpdates(a, b)).toEqual(mergeUpdates(b, a));
				expect(mergeUpdates(mergeUpdates(a, b), c)).toEqual(mergeUpdates(a, mergeUpdates(b, c)));
				expect(mergeUpdates(mergeUpdates(a, b), b)).toEqual(mergeUpdates(a, b));
			}),
		);
	});

	it('is complete once either update is', () => {
		const partial = { rows: {}, complete: false, sample: [], at: 1 };
		expect(mergeUpdates(partial, partial).complete).toBe(false);
		expect(mergeUpdates(partial, { ...partial, complete: true }).complete).toBe(true);
	});
});
