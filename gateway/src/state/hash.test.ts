import { describe, expect, it } from 'vitest';
import { hashText } from './hash.ts';

describe('hashText', () => {
	// http://www.isthe.com/chongo/src/fnv/test_fnv.c
	it.each([
		['', 0x811c9dc5],
		['a', 0xe40c292c],
		['b', 0xe70c2de5],
		['foobar', 0xbf9cf968],
	])('returns the FNV-1a test vector of %j', (text, hash) => {
		expect(hashText(text)).toBe(hash);
	});
});
