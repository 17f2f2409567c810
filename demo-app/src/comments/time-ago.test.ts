import { expect, it } from 'vitest';
import { timeAgo } from './time-ago.ts';

it('returns a short text for the age of a comment', () => {
	const at = new Date(2026, 2, 5, 12).getTime();
	const minute = 60_000;
	const words = [-9 * minute, 0, minute - 1, minute, 59 * minute, 60 * minute, 1439 * minute, 1440 * minute];
	expect(words.map((ms) => timeAgo(at, at + ms))).toEqual([
		'now',
		'now',
		'now',
		'1 min',
		'59 min',
		'1 h',
		'23 h',
		'Mar 5',
	]);
});
