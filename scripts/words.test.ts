import { describe, expect, it } from 'vitest';
import { halfDocstringsIn, replacedWordsIn } from './words.ts';

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
});

describe('halfDocstringsIn', () => {
	it.each([
		['/** The wait, in milliseconds, … */', 'ends on one line'],
		['/** … and its bound. */', 'begins on one line'],
		['/**\n\t * The wait of a message,\n\t * …\n\t */', 'ends on a line of its own'],
		['/**\n * … and its bound,\n * in milliseconds.\n */', 'begins on a later line'],
	])('finds %j, which %s with three dots', (docstring) => {
		expect(halfDocstringsIn('a.ts', `\n${docstring}\nconst A = 1;\n`)).toEqual([expect.stringMatching(/^a\.ts:2: /)]);
	});

	it('passes whole sentences, other comments and text between docstrings', () => {
		const text =
			"const GLOB = 'src/**/*.ts, …';\n/** Cuts `a…b`. */\n/* … a note … */\n// … and so on …\nconst A = '…';\n/** Adds `…` to a text. */\n";
		expect(halfDocstringsIn('a.ts', text)).toEqual([]);
	});
});
