import { expect, it } from 'vitest';
import { epochAfter, isInFuture, MAX_AHEAD_MS } from './epoch.ts';

const NOW = 1_700_000_000_000;

it('epochAfter returns the time, or an epoch above the one before if another region may have accepted that', () => {
	expect(epochAfter(NOW - 5, NOW)).toBe(NOW);
	expect(epochAfter(NOW, NOW)).toBe(NOW + 1);
	const accepted = NOW + 2 * MAX_AHEAD_MS;
	// A region whose clock is ahead by the allowed skew accepts it.
	expect(isInFuture(accepted, NOW + MAX_AHEAD_MS)).toBe(false);
	expect(epochAfter(accepted, NOW)).toBe(accepted + 1);
});

it('epochAfter returns the time after an epoch that no region can have accepted', () => {
	expect(epochAfter(NOW + 2 * MAX_AHEAD_MS + 1, NOW)).toBe(NOW);
});
