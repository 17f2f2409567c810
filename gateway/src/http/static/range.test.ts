import { describe, expect, it } from 'vitest';
import { parseRange } from './range.ts';

describe('parseRange, for a file of 100 bytes', () => {
	it.each([
		['bytes=0-0', { first: 0, last: 0 }],
		['bytes=0-', { first: 0, last: 99 }],
		['bytes=10-19', { first: 10, last: 19 }],
		['bytes=90-1000', { first: 90, last: 99 }],
		['bytes=99-', { first: 99, last: 99 }],
		['bytes=-10', { first: 90, last: 99 }],
		['bytes=-1000', { first: 0, last: 99 }],
	])('returns a part for %s', (header, range) => {
		expect(parseRange(header, 100)).toEqual(range);
	});

	it.each(['bytes=100-', 'bytes=100-200', 'bytes=-0', 'bytes=99999999999999999999-'])(
		'returns unsatisfiable for %s',
		(header) => {
			expect(parseRange(header, 100)).toBe('unsatisfiable');
		},
	);

	it.each(['', 'bytes=-', 'bytes=', 'bytes=5-2', 'bytes=0-1,5-6', 'items=0-1', 'bytes=a-b', 'bytes= 0-1', '0-1'])(
		'returns undefined for %j',
		(header) => {
			expect(parseRange(header, 100)).toBeUndefined();
		},
	);
});
