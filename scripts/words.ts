/** A word or phrase that the house replaced, and what a writer puts in its place. */
interface ReplacedWord {
	readonly words: readonly string[];
	readonly use: string;
}

const REPLACED: readonly ReplacedWord[] = [
	{ words: ['who', 'whom', 'whoever'], use: 'the actor: client, viewer, user, peer, owner, frontend' },
	{ words: ['somebody', 'nobody', 'everybody', 'oneself'], use: 'the actor, with "no", "each" or "all"' },
	{ words: ['anew'], use: 'again' },
	{ words: ['besides'], use: 'also, or a sentence of its own' },
	{ words: ['meanwhile'], use: 'during …, until …' },
	{ words: ['at the most'], use: 'at most, with a number' },
	{ words: ['so long as', 'so many'], use: 'a number with its unit, or while' },
	{ words: ['is to be', 'are to be'], use: 'must, or the actor and a verb' },
	{ words: ['there is', 'there are'], use: 'the actor and a verb' },
	{ words: ['tell', 'tells'], use: 'send' },
	{ words: ['told'], use: 'sent' },
	{ words: ['untold'], use: 'pending' },
	{ words: ['news'], use: 'update' },
	{ words: ['hear', 'hears'], use: 'receive, reach' },
	{ words: ['heard'], use: 'received' },
	{ words: ['abroad', 'elsewhere'], use: 'remote, or the place: another region, another node' },
	{ words: ['farewell'], use: 'close frame' },
	{ words: ['parcel'], use: 'batch' },
	{ words: ['detour'], use: 'indirect delivery' },
	{ words: ['whims'], use: 'behaviour' },
	{ words: ['planted'], use: 'mutant' },
	{ words: ['lack', 'lacks', 'lacking'], use: 'miss, be missing, not have' },
];

/** What stands between the words of a phrase: spaces, or the end of a line with the mark of a comment or a quote. */
const GAP = String.raw`(?:\s+(?:(?:\*|\/\/|#|>)\s+)?)`;

const USE = new Map(REPLACED.flatMap(({ words, use }) => words.map((word) => [word, use] as const)));

// A name such as `likes-updates.ts` is no word of a sentence.
const PATTERN = new RegExp(
	String.raw`(?<![\w-])(?:${[...USE.keys()].map((word) => word.replaceAll(' ', GAP)).join('|')})(?![\w-]|\.\w)`,
	'gi',
);

/** A replaced word in canonical spelling: one space, lower case, no mark of a comment. */
const plain = (found: string): string => found.toLowerCase().replaceAll(new RegExp(GAP, 'g'), ' ');

/** Returns `file:line: word → use …` for each replaced word of a text. */
export function replacedWordsIn(file: string, text: string): string[] {
	return [...text.matchAll(PATTERN)].flatMap(({ 0: found, index }) => {
		const line = text.slice(0, index).split('\n').length;
		const word = plain(found);
		return [`${file}:${line}: ${word} → use ${USE.get(word)}`];
	});
}

// A glob such as `src/**/*.ts` begins no docstring.
const DOCSTRING = /(?<!\S)\/\*\*[\s\S]*?\*\//g;

/** Returns `file:line: remedy` for each docstring that is half of a sentence, which the next one continues. */
export function halfDocstringsIn(file: string, text: string): string[] {
	return [...text.matchAll(DOCSTRING)].flatMap(({ 0: docstring, index }) => {
		const content = docstring.replaceAll(/^[\s/*]+|[\s/*]+$/g, '');
		if (!content.startsWith('…') && !content.endsWith('…')) return [];
		const line = text.slice(0, index).split('\n').length;
		return [`${file}:${line}: a docstring begins with or ends in … → write a whole sentence`];
	});
}
