import { expect, it } from 'vitest';
import { describeDelta, describeTotals, sum } from './reaction-types.ts';

it('adds counts up', () => {
	expect(sum({})).toBe(0);
	expect(sum({ heart: 3, wow: 2, custom: 1 })).toBe(6);
});

it('says totals in words, with the kinds that were given', () => {
	expect(describeTotals({})).toBe('0 reactions');
	expect(describeTotals({ wow: 1 })).toBe('1 reaction: Wow 1');
	expect(describeTotals({ wow: 4, heart: 1200, like: 0 })).toBe('1,204 reactions: Heart 1,200, Wow 4');
});

it('says what a delivery changed, taken back or of an own type', () => {
	expect(describeDelta({ heart: 3, wow: 0, like: -1, fire: 1000 })).toBe('+3 Heart, −1 Like, +1,000 fire');
});
