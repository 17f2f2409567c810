import type { Switch } from './markers.ts';
import type { Mutants } from './mutant.ts';
import { after, drop, instead, type Operator, onlyIf, value } from './operators.ts';

/** Mutants that a drill of real processes must find. */
export const DRILL: Mutants = {
	'a like that is sent again is counted again': {
		changes: { 'counts-once': after('increments.addLike(topic, known.second, type, at, [1, 0])') },
		violates: /^\d+ likes doubled$/,
	},
	'nothing is flooded': { changes: { floods: drop }, violates: /viewers astray/ },
	'not every like is stored that is answered': {
		changes: { 'stores-each': onlyIf("!id.endsWith('0')") },
		violates: /likes lost$/,
	},
	'a comment that is sent again is stored again': {
		changes: { 'finds-duplicate': value('[]') },
		violates: /^\d+ comments stored twice$/,
	},
	'a frontend starts afresh for a viewer that comes back': {
		changes: { 'remembers-resume': drop },
		violates: /^\d+ comments missing at viewers/,
	},
	'a viewer that comes back gets a comment twice': {
		changes: { 'resumes-at-cursor': value('{ ...at, offset: at.offset - 1 }') },
		violates: /^\d+ comments doubled at viewers$/,
	},
	'updates of another region are stored and not shown': {
		changes: { 'shows-what-regions-say': drop },
		violates: /viewers astray/,
	},
};

/** The time after a commit in which its answers arrive, in milliseconds. */
const ANSWERED_MS = 100;

/** Answers, publishes nothing, and dies. */
const DIE_SILENTLY = instead(`setTimeout(die, ${ANSWERED_MS});`);

/**
 * The failpoints of a Likes node: it dies at the next like or the next comment, the last one at
 * either.
 */
const FAILPOINTS = {
	'before-answer': { 'before-answer': after('die()') },
	'before-comment-answer': {
		'before-comment-answer': after("if (commands.some(({ kind }) => kind === 'append')) die()"),
	},
	'before-publish': { 'before-publish': DIE_SILENTLY, 'before-comment-publish': DIE_SILENTLY },
} satisfies Readonly<Record<string, Readonly<Record<string, Operator>>>>;

/** A place where a process dies, once it is set. */
export type Failpoint = keyof typeof FAILPOINTS;

export const failpoints = Object.keys(FAILPOINTS) as Failpoint[];

/** Returns the switches of all failpoints. */
export function switchesOfFailpoints(): Switch[] {
	return Object.entries(FAILPOINTS).flatMap(([name, places]) =>
		Object.entries(places).map(([marker, operator]: [string, Operator]) => ({
			marker: `failpoint: ${marker}`,
			condition: `isSet(${JSON.stringify(name)})`,
			operator,
		})),
	);
}
