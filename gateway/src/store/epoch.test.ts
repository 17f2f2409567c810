import { expect, it } from 'vitest';
import { epochAfter, isYetToCome, MAX_AHEAD_MS } from './epoch.ts';

const NOW = 1_700_000_000_000;

it('the epoch of a store that was restored is the time, and higher than the one before while somebody may believe that', () => {
	expect(epochAfter(NOW - 5, NOW)).toBe(NOW);
	expect(epochAfter(NOW, NOW)).toBe(NOW + 1);
	const believed = NOW + 2 * MAX_AHEAD_MS;
	// By a region whose clock is ahead as far as clocks may be.
	expect(isYetToCome(believed, NOW + MAX_AHEAD_MS)).toBe(false);
	expect(epochAfter(believed, NOW)).toBe(believed + 1);
});

it('an epoch that no region can have believed is taken back', () => {
	expect(epochAfter(NOW + 2 * MAX_AHEAD_MS + 1, NOW)).toBe(NOW);
});
