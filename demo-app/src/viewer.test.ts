import { expect, it } from 'vitest';
import { findViewer } from './viewer.ts';

it('viewers without a token get names that end differently, at whatever time they come', () => {
	const ends = Array.from({ length: 20 }, () => findViewer('').user.split('-').at(-1));
	expect(new Set(ends).size).toBeGreaterThan(15);
});
