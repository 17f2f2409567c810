import { expect, it } from 'vitest';
import { findViewer } from './viewer.ts';

it('gives viewers without a token names with random ends', () => {
	const ends = Array.from({ length: 20 }, () => findViewer('').user.split('-').at(-1));
	expect(new Set(ends).size).toBeGreaterThan(15);
});
