import { MAX_COMMENT_LENGTH } from '@likewire/protocol';
import { GatewayError } from '../../runtime/errors.ts';
import { isWellFormed } from './well-formed.ts';

/**
 * Most marks on one character. Zalgo text has dozens, which cover the lines around it; no script that people write needs
 * more: Tibetan and pointed Hebrew stack five.
 */
const MAX_MARKS = 6;

/** Most characters in a row that show nothing. Emoji, Persian and bidirectional text have two or three. */
const MAX_UNSEEN = 4;

/** All that are no character of a text: https://www.unicode.org/reports/tr44/#General_Category_Values */
const CONTROL = /[^\P{Cc}\n\t]/u;

/** How Windows, and text fields of some native systems, break lines. */
const OTHER_LINE_BREAK = /\r\n?/g;

/** Shows nothing, where it stands alone. The last ones are annotations, which nothing shows any more. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u;
const MARK = /\p{M}/u;

/** Something that can be seen: no space, nothing ignorable, no mark without a character, no Braille without a dot. */
const SEEN = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{M}\u2800\ufff9-\ufffb]/u;

/** Letters of tags, which nothing shows, but for those that make a black flag that of a land: England, Scotland, Wales. */
const TAGS = /(?<flag>\u{1f3f4}[\u{e0030}-\u{e007a}]{1,7}\u{e007f})|[\u{e0000}-\u{e007f}]/gu;

/** What opens an embedding, an override or an isolate, and what ends it: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters */
const PDF = '\u202c';
const PDI = '\u2069';
const ENDS: Readonly<Record<string, string>> = {
	'\u202a': PDF,
	'\u202b': PDF,
	'\u202d': PDF,
	'\u202e': PDF,
	'\u2066': PDI,
	'\u2067': PDI,
	'\u2068': PDI,
};

/**
 * The text of a comment as it is stored: trimmed, and harmless to whatever stands around it. Changes of direction that it
 * leaves open are ended, lines break with LF alone, and floods of marks and of characters that show nothing are cut; words of
 * all scripts, and emoji, stay as they are. Throws `invalid_text` for what is no text, shows nothing or is too long.
 */
export function asCommentText(sent: string): string {
	if (!isWellFormed(sent)) {
		throw invalid('A comment is well-formed Unicode: half of a surrogate pair is no character.');
	}
	const lines = sent.replace(OTHER_LINE_BREAK, '\n');
	if (CONTROL.test(lines)) throw invalid('A comment has no control characters but line breaks and tabs.');
	const trimmed = lines.trim();
	const length = [...trimmed].length;
	if (length > MAX_COMMENT_LENGTH) {
		throw invalid(`A comment has at most ${MAX_COMMENT_LENGTH} characters, and this one has ${length}.`);
	}
	// What stood at an end may be gone, and a space be there now.
	const text = endDirections(cutFloods(trimmed.replace(TAGS, '$<flag>'))).trim();
	if (!SEEN.test(text)) throw invalid('A comment has at least one character that can be seen.');
	return text;
}

function invalid(detail: string): GatewayError {
	return new GatewayError('invalid_text', detail);
}

/** Without what is too much of marks and of unseen characters between two others. */
function cutFloods(text: string): string {
	let kept = '';
	let marks = 0;
	let unseen = 0;
	for (const character of text) {
		if (UNSEEN.test(character)) {
			// Letters of the tags of a flag: what else was one is gone.
			if (isTag(character) || ++unseen <= MAX_UNSEEN) kept += character;
		} else if (MARK.test(character)) {
			if (++marks <= MAX_MARKS) kept += character;
		} else {
			marks = 0;
			unseen = 0;
			kept += character;
		}
	}
	return kept;
}

function isTag(character: string): boolean {
	const code = character.codePointAt(0) ?? 0;
	return code >= 0xe0000 && code <= 0xe007f;
}

/**
 * With every change of direction ended in its line, as the rules for bidirectional text have it anyway, and without ends
 * of what was not begun: those would end what the text stands in.
 */
function endDirections(text: string): string {
	let kept = '';
	let open: string[] = [];
	for (const character of text) {
		const end = ENDS[character];
		if (end !== undefined) open.push(end);
		else if (character === PDF) {
			if (open.at(-1) !== PDF) continue;
			open.pop();
		} else if (character === PDI) {
			const begun = open.lastIndexOf(PDI);
			if (begun < 0) continue;
			open = open.slice(0, begun);
		} else if (/[\n\u2029]/.test(character)) {
			kept += open.reverse().join('');
			open = [];
		}
		kept += character;
	}
	return kept + open.reverse().join('');
}
