import { MAX_COMMENT_LENGTH } from '@likewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asCommentText } from './comment-text.ts';

const [LRE, RLE, PDF, LRO, RLO, LRI, RLI, FSI, PDI] = [...'\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069'];
const invalid = (detail: RegExp) =>
	expect.objectContaining({ code: 'invalid_text', message: expect.stringMatching(detail) });

describe('asCommentText', () => {
	it.each([
		['words', 'Hello, world!'],
		['two lines and a tab', 'one\n\ttwo'],
		['markup, which the page that shows it escapes', '<script>alert(1)</script> &amp; "quotes"'],
		['Hebrew', 'שלום עולם (1) abc'],
		['pointed Hebrew', 'בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים'],
		['Arabic with vowels', 'ٱلسَّلَامُ عَلَيْكُمْ وَرَحْمَةُ ٱللَّٰهِ'],
		['Persian with a non-joiner', 'می‌خواهم'],
		['Hindi', 'क्षत्रिय श्रीमान् हिंदी ज़िन्दगी'],
		['Tamil', 'க்ஷௌ ஸ்ரீ நன்றி'],
		['Malayalam with a joiner', 'അവന്‍ ക്ഷേമം'],
		['Thai', 'ที่นี่ น้ำ ผู้ใหญ่'],
		['Khmer', 'ស្ត្រី ខ្ញុំ'],
		['Tibetan', 'བསྒྲུབས་ སྙིང་རྗེ། ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ'],
		['Vietnamese in parts', 'Tiếng Việt'.normalize('NFD')],
		['Korean in parts', '한국어'.normalize('NFD')],
		['a family', '👨‍👩‍👧‍👦'],
		['a couple of colours', '🧑🏻‍❤️‍💋‍🧑🏿'],
		['a keycap and a flag', '1️⃣ 🇪🇺 🏳️‍🌈 🏴‍☠️'],
		['the flag of Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}!'],
		['a direction that is ended', `a ${RLI}ב${PDI} c ${LRE}d${PDF}`],
		['marks of direction', 'a \u200fb\u200e'],
	])('keeps %s as it is', (_, text) => {
		expect(asCommentText(text)).toBe(text);
	});

	it('trims the text', () => {
		expect(asCommentText(' \n\t\u00a0 hi \ufeff\u3000')).toBe('hi');
	});

	it(`accepts 1 to ${MAX_COMMENT_LENGTH} characters, counted as code points and not as UTF-16 units`, () => {
		for (const character of ['a', '💖', '好']) {
			expect(asCommentText(`  ${character.repeat(MAX_COMMENT_LENGTH)}  `)).toBe(character.repeat(MAX_COMMENT_LENGTH));
			expect(() => asCommentText(character.repeat(MAX_COMMENT_LENGTH + 1))).toThrow(invalid(/500 characters.*501/));
		}
		expect(asCommentText('a')).toBe('a');
	});

	it.each([
		['nothing', ''],
		['spaces', ' \n\t\u2003 '],
		['zero-width spaces', '\u200b\u200b\ufeff\u2060'],
		['joiners', '\u200d\u200c'],
		['marks of direction', '\u200e\u200f\u061c'],
		['an override', RLO as string],
		['fillers', '\u3164\u115f\u1160\uffa0'],
		['selectors', '\ufe0f\u{e0100}'],
		['Braille without dots', '\u2800\u2800'],
		['tags', '\u{e0068}\u{e0069}'],
		['a soft hyphen', '\u00ad'],
		['marks on nothing', '\u0301\u0301'],
		['annotations', '\ufff9\ufffa\ufffb'],
	])('refuses text of only %s', (_, text) => {
		expect(() => asCommentText(text)).toThrow(invalid(/can be seen/));
	});

	it.each([
		['the first half of a pair', 'a\ud83d'],
		['the second half', '\udc96b'],
		['both in the wrong order', 'a\udc96\ud83db'],
	])('refuses %s', (_, text) => {
		expect(() => asCommentText(text)).toThrow(invalid(/well-formed/));
	});

	it.each([
		['those of Windows', 'one\r\ntwo\r\n\r\nthree', 'one\ntwo\n\nthree'],
		['lone carriage returns', 'one\rtwo\r\rthree', 'one\ntwo\n\nthree'],
		['some of each', 'one\n\r\ntwo\r\r\nthree', 'one\n\ntwo\n\nthree'],
		['those at its ends', '\r\none\r', 'one'],
	])('breaks lines with LF alone: %s', (_, text, stored) => {
		expect(asCommentText(text)).toBe(stored);
	});

	it('counts a break of two characters as one', () => {
		const lines = 'a\r\n'.repeat(MAX_COMMENT_LENGTH / 2);
		expect(asCommentText(`${lines}\r\n`)).toHaveLength(MAX_COMMENT_LENGTH - 1);
	});

	it('ends a direction in its line, whatever breaks the line', () => {
		expect(asCommentText(`${RLO}a\r\nb\rc`)).toBe(`${RLO}a${PDF}\nb\nc`);
	});

	it.each(['\0', '\b', '\x0b', '\x1b', '\x7f', '\x85', '\x9f'])('refuses the control character %j', (control) => {
		for (const text of [`a${control}b`, `${control}a`, `a${control}`]) {
			expect(() => asCommentText(text)).toThrow(invalid(/control characters/));
		}
	});
});

describe('asCommentText, for a direction that a text leaves open', () => {
	it.each([
		['an override', `a${RLO}b`, `a${RLO}b${PDF}`],
		['one to the right', `${LRO}b`, `${LRO}b${PDF}`],
		['embeddings', `${RLE}a${LRE}b${PDF}c`, `${RLE}a${LRE}b${PDF}c${PDF}`],
		['isolates', `${RLI}a${FSI}b`, `${RLI}a${FSI}b${PDI}${PDI}`],
		['an override in an isolate', `${LRI}a${RLO}b`, `${LRI}a${RLO}b${PDF}${PDI}`],
		['an isolate that ended with an override in it', `${LRI}a${RLO}b${PDI}c`, `${LRI}a${RLO}b${PDI}c`],
		['one that the end of another kind does not end', `${RLI}a${PDF}b`, `${RLI}ab${PDI}`],
		['one in a line', `${RLO}a\nb`, `${RLO}a${PDF}\nb`],
		['one in a paragraph', `${RLO}a\u2029b`, `${RLO}a${PDF}\u2029b`],
	])('ends it: %s', (_, text, ended) => {
		expect(asCommentText(text)).toBe(ended);
	});

	it('keeps a text from ending a direction around it', () => {
		expect(asCommentText(`a${PDF}b${PDI}c`)).toBe('abc');
	});

	it('leaves no direction behind with a space', () => {
		expect(asCommentText(`a \n${PDF}`)).toBe('a');
		expect(asCommentText(`${PDI} a`)).toBe('a');
	});

	it('ends the direction in every text', () => {
		const character = fc.constantFrom('a', 'ב', '\n', LRE, RLE, PDF, LRO, RLO, LRI, RLI, FSI, PDI);
		fc.assert(
			fc.property(fc.array(character, { maxLength: 40 }), (characters) => {
				const text = asCommentText(`a${characters.join('')}`);
				for (const line of text.split('\n')) expect(depthAfter(line)).toBe(0);
				expect(asCommentText(text)).toBe(text);
			}),
			{ numRuns: 2_000 },
		);
	});
});

/**
 * Returns how many changes of direction are open after a line; negative when it has more ends than
 * beginnings.
 */
function depthAfter(line: string): number {
	let open = '';
	for (const character of line) {
		if ('\u202a\u202b\u202d\u202e'.includes(character)) open += 'e';
		if ('\u2066\u2067\u2068'.includes(character)) open += 'i';
		if (character === PDF) {
			if (!open.endsWith('e')) return -1;
			open = open.slice(0, -1);
		}
		if (character === PDI) {
			if (!open.includes('i')) return -1;
			open = open.slice(0, open.lastIndexOf('i'));
		}
	}
	return open.length;
}

describe('asCommentText, for a flood', () => {
	it('cuts marks to a few on each character', () => {
		const zalgo = [...'zalgo'].map((letter) => letter + '\u0301\u0321\u0489'.repeat(30)).join('');
		const text = asCommentText(zalgo);
		expect([...text].length).toBeLessThanOrEqual(5 * 7);
		expect(text.replace(/\p{M}/gu, '')).toBe('zalgo');
	});

	it('cuts marks also where joiners stand between them', () => {
		const text = asCommentText(`a${'\u0301\u034f\u200d'.repeat(100)}b`);
		expect([...text].length).toBeLessThanOrEqual(12);
	});

	it.each([
		['zero-width spaces', '\u200b'],
		['joiners', '\u200d'],
		['marks of direction', '\u200f'],
		['selectors', '\ufe0f'],
		['fillers', '\u3164'],
		['overrides', RLO as string],
	])('cuts %s', (_, character) => {
		const text = asCommentText(`a${character.repeat(400)}b`);
		expect([...text].length).toBeLessThanOrEqual(10);
		expect(text.replace(/[\p{DI}]/gu, '')).toBe('ab');
	});

	it('removes tags, which can hide words', () => {
		const hidden = [...'hidden words'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');
		expect(asCommentText(`a${hidden}b`)).toBe('ab');
		expect(asCommentText(`🏴${hidden}\u{e007f}b`)).toBe('🏴b');
	});
});
