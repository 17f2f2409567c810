import { expect, it } from 'vitest';
import { isDoubleTap } from './double-tap.ts';

const first = { x: 100, y: 100, at: 1000 };

it('accepts two taps that are close in time and position', () => {
	expect(isDoubleTap(undefined, first)).toBe(false);
	expect(isDoubleTap(first, { x: 110, y: 95, at: 1250 })).toBe(true);
	expect(isDoubleTap(first, { x: 110, y: 95, at: 1400 })).toBe(false);
	expect(isDoubleTap(first, { x: 180, y: 100, at: 1100 })).toBe(false);
});
