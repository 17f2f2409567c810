import { describe, expect, it } from 'vitest';
import { replacedWordsIn } from './words.ts';

describe('replacedWordsIn', () => {
	it('names the file, the line, the word and the remedy', () => {
		expect(replacedWordsIn('docs/a.md', 'Fine.\nA peer is told.\n')).toEqual(['docs/a.md:2: told → use sent']);
	});

	it('finds words at the edges of a text and in capitals', () => {
		const words = ['Nobody', 'news', 'whom'];
		expect(replacedWordsIn('a.md', words.join(' waits: '))).toHaveLength(words.length);
	});

	it.each([
		['There\nis', 'there is'],
		['is to\n\t * be', 'is to be'],
		['so\n// many', 'so many'],
		['at  the most', 'at the most'],
	])('finds the phrase %j over lines and marks of comments', (text, word) => {
		expect(replacedWordsIn('a.ts', `\n${text} `)).toEqual([expect.stringMatching(`^a\\.ts:2: ${word} → use `)]);
	});

	it('leaves parts of other words alone', () => {
		expect(
			replacedWordsIn('a.md', 'The whole newsletter, storytellers, hearts, black, shear, tell-tale, likes/news.ts'),
		).toEqual([]);
	});

	it('passes a line that an exception of its file names, and no other', () => {
		const text = 'prints `who is there`\nwho is there\nnobody prints `who is there`';
		const exceptions = [{ file: 'a.md', text: 'prints `who is there`' }];
		expect(replacedWordsIn('a.md', text, exceptions)).toEqual([expect.stringContaining('a.md:2: who')]);
		expect(replacedWordsIn('b.md', text, exceptions)).toHaveLength(4);
	});
});
