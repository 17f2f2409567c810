import { describe, expect, it } from 'vitest';
import type { Changes } from '../store/store.ts';
import { TakeOver } from './take-over.ts';

const page = (at: string, more: boolean): Changes => ({
	rows: new Map(),
	values: new Map(),
	next: { epoch: 1, at },
	more,
});

describe('TakeOver', () => {
	it('ends with the second walk: the first may have begun before it, and was interrupted', () => {
		const takeOver = new TakeOver({ epoch: 1, at: 'middle' });
		takeOver.kept(page('end', false));
		expect([takeOver.isDone, takeOver.since]).toEqual([false, { epoch: 1, at: 'end' }]);
		takeOver.kept(page('middle', true));
		expect(takeOver.isDone).toBe(false);
		takeOver.kept(page('end', false));
		expect(takeOver.isDone).toBe(true);
	});
});
