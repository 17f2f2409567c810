import { expect, it } from 'vitest';
import { RecentIds } from './recent-ids.ts';

it('recent ids are known until as many newer ones came as there is room for', () => {
	const ids = new RecentIds(3);
	expect(['a', 'b', 'c', 'a', 'b'].map((id) => ids.add(id))).toEqual([true, true, true, false, false]);
	expect(ids.add('d')).toBe(true);
	expect(['a', 'b', 'c', 'd'].map((id) => ids.has(id))).toEqual([false, true, true, true]);
	expect(ids.add('a')).toBe(true);
	expect(['a', 'b', 'c', 'd', 'constructor'].map((id) => ids.has(id))).toEqual([true, false, true, true, false]);
});
