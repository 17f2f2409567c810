import { describe, expect, it } from 'vitest';
import { LONG_PARTS, type LongPart } from './long-parts.ts';
import { shareOf } from './share.ts';

const part = (name: string, seconds?: number): LongPart => ({
	name,
	what: name,
	command: ['true'],
	...(seconds !== undefined && { seconds }),
});
const namesOf = (parts: readonly LongPart[]) => parts.map(({ name }) => name);

describe('shareOf', () => {
	const parts = [part('a', 30), part('b', 20), part('endless'), part('c', 40), part('long', 600)];

	it('starts at its turn, and takes the parts that fit into a minute', () => {
		expect(namesOf(shareOf(parts, 0))).toEqual(['a', 'b']);
		expect(namesOf(shareOf(parts, 1))).toEqual(['b', 'c']);
	});

	it('continues at the first part', () => {
		expect(namesOf(shareOf([part('a', 10), part('b', 10)], 3))).toEqual(['b', 'a']);
	});

	it('runs a part of more than a minute alone', () => {
		const three = [part('a', 10), part('longer', 90), part('b', 10)];
		expect([0, 1, 2].map((turn) => namesOf(shareOf(three, turn)))).toEqual([['a'], ['longer'], ['b', 'a']]);
	});

	it('is empty without short parts', () => {
		expect(shareOf([part('long', 600)], 4)).toEqual([]);
	});

	it('comes to each part in its turn', () => {
		const seen = new Set(LONG_PARTS.flatMap((_, turn) => namesOf(shareOf(LONG_PARTS, turn))));
		expect(namesOf(LONG_PARTS).filter((name) => !seen.has(name))).toEqual([]);
	});
});

describe('LONG_PARTS', () => {
	it('names each part once', () => {
		expect(new Set(namesOf(LONG_PARTS)).size).toBe(LONG_PARTS.length);
	});
});
