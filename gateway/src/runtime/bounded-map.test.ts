import { expect, it } from 'vitest';
import { BoundedMap } from './bounded-map.ts';

it('keeps the newest entries of a BoundedMap, and drops the oldest when it is full', () => {
	const map = new BoundedMap<string, number>(3);
	for (const [value, key] of ['a', 'b', 'c', 'a'].entries()) map.set(key, value);
	expect([...map]).toEqual([
		['a', 3],
		['b', 1],
		['c', 2],
	]);
	map.set('d', 4);
	expect([...map.keys()]).toEqual(['b', 'c', 'd']);
	map.delete('c');
	map.set('constructor', 5);
	expect([...map.keys()]).toEqual(['b', 'd', 'constructor']);
});
