import { expect, it } from 'vitest';
import { describeDelta, describeTotals, sum } from './reaction-types.ts';

it('sums counts', () => {
	expect(sum({})).toBe(0);
	expect(sum({ heart: 3, wow: 2, custom: 1 })).toBe(6);
});

it('describes totals with the reactions that users sent', () => {
	expect(describeTotals({})).toBe('0 reactions');
	expect(describeTotals({ wow: 1 })).toBe('1 reaction: Wow 1');
	expect(describeTotals({ wow: 4, heart: 1200, like: 0 })).toBe('1,204 reactions: Heart 1,200, Wow 4');
});

it('describes a delivery, also with likes taken back and custom types', () => {
	expect(describeDelta({ heart: 3, wow: 0, like: -1, fire: 1000 })).toBe('+3 Heart, −1 Like, +1,000 fire');
});
