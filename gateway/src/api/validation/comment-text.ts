import { MAX_COMMENT_LENGTH } from '@likewire/protocol';
import { GatewayError } from '../../runtime/errors.ts';
import { isWellFormed } from './well-formed.ts';

/**
 * The most marks on one character. Zalgo text has dozens, which cover the lines around it. No script
 * in use needs more: Tibetan and pointed Hebrew stack five.
 */
const MAX_MARKS = 6;

/** The most invisible characters in a row. Emoji, Persian and bidirectional text have two or three. */
const MAX_UNSEEN = 4;

/**
 * Code points that are no characters of a text:
 * https://www.unicode.org/reports/tr44/#General_Category_Values
 */
const CONTROL = /[^\P{Cc}\n\t]/u;

/** Line breaks of Windows, and of text fields of some native systems. */
const OTHER_LINE_BREAK = /\r\n?/g;

/** Invisible where it stands alone. The last ones are annotations, which no program shows any more. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u;
const MARK = /\p{M}/u;

/**
 * A visible character: no space, nothing ignorable, no mark without a character, no Braille without a
 * dot.
 */
const SEEN = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{M}\u2800\ufff9-\ufffb]/u;

/** Letters of tags, which are invisible, except in the flags of England, Scotland and Wales. */
const TAGS = /(?<flag>\u{1f3f4}[\u{e0030}-\u{e007a}]{1,7}\u{e007f})|[\u{e0000}-\u{e007f}]/gu;

/**
 * Starts of an embedding, an override or an isolate, with its end:
 * https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
 */
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
 * Returns the text of a comment as it is stored: trimmed, and harmless to the page around it. It ends
 * open changes of direction, breaks lines with LF alone, and cuts floods of marks and of invisible
 * characters; words of all scripts, and emoji, stay as they are. Throws `invalid_text` for text that
 * is malformed, invisible or too long.
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
	// The steps may remove a character at an end, and leave a space there.
	const text = endDirections(cutFloods(trimmed.replace(TAGS, '$<flag>'))).trim();
	if (!SEEN.test(text)) throw invalid('A comment has at least one character that can be seen.');
	return text;
}

function invalid(detail: string): GatewayError {
	return new GatewayError('invalid_text', detail);
}

/** Returns the text without the excess of marks and of invisible characters between two others. */
function cutFloods(text: string): string {
	let kept = '';
	let marks = 0;
	let unseen = 0;
	for (const character of text) {
		if (UNSEEN.test(character)) {
			// Only letters of the tags of a flag are left.
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
 * Returns the text with every change of direction ended in its line, as the rules for bidirectional
 * text require, and without ends that have no beginning: those would end a direction of the page
 * around the text.
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
