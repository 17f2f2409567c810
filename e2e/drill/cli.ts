import { parseArgs } from 'node:util';
import type { Fault } from './fault.ts';

export interface Command {
	readonly help: boolean;
	readonly list: boolean;
	readonly faults: readonly Fault[];
	readonly lastsMs: number | undefined;
	/** What the time in which viewers have to agree is multiplied by. */
	readonly patience: number;
	readonly seed: number;
	readonly viewers: number;
	readonly likesPerSecond: number;
	readonly commentsPerSecond: number;
	/** A file for all that was seen. */
	readonly json: string | undefined;
	readonly hostNetwork: boolean;
}

const MAX_SECONDS = 3_600;
const MAX_PATIENCE = 100;
/** Beyond it the viewers keep the machine too busy for what they watch. */
const MAX_VIEWERS = 2_000;
const MAX_LIKES_PER_SECOND = 1_000;
const MAX_COMMENTS_PER_SECOND = 100;
const MAX_SEED = 2 ** 32 - 1;

/** What is to be run. Throws an Error that says what is wrong with the arguments. */
export function parseCommandLine(args: readonly string[], known: readonly Fault[]): Command {
	const { values } = parseArgs({
		args: [...args],
		options: {
			help: { type: 'boolean', short: 'h', default: false },
			list: { type: 'boolean', default: false },
			only: { type: 'string' },
			short: { type: 'boolean', default: false },
			seconds: { type: 'string' },
			patience: { type: 'string', default: '1' },
			seed: { type: 'string' },
			viewers: { type: 'string', default: '36' },
			likes: { type: 'string', default: '80' },
			comments: { type: 'string', default: '6' },
			json: { type: 'string' },
			'host-network': { type: 'boolean', default: false },
		},
	});
	const { only, seconds, seed } = values;
	const chosen = values.short ? known.filter(({ short }) => short) : known;
	return {
		help: values.help,
		list: values.list,
		faults: only === undefined ? chosen : named(only.split(','), known),
		lastsMs: seconds === undefined ? undefined : wholeNumber('seconds', seconds, 1, MAX_SECONDS) * 1000,
		patience: wholeNumber('patience', values.patience, 1, MAX_PATIENCE),
		seed: seed === undefined ? Math.floor(Math.random() * MAX_SEED) : wholeNumber('seed', seed, 0, MAX_SEED),
		viewers: wholeNumber('viewers', values.viewers, 1, MAX_VIEWERS),
		likesPerSecond: wholeNumber('likes', values.likes, 1, MAX_LIKES_PER_SECOND),
		commentsPerSecond: wholeNumber('comments', values.comments, 1, MAX_COMMENTS_PER_SECOND),
		json: values.json,
		hostNetwork: values['host-network'],
	};
}

function named(names: readonly string[], known: readonly Fault[]): Fault[] {
	const unknown = names.find((name) => !known.some((fault) => fault.name === name));
	if (unknown !== undefined) {
		throw new Error(`there is no fault '${unknown}'; there are: ${known.map(({ name }) => name).join(', ')}`);
	}
	return known.filter(({ name }) => names.includes(name));
}

function wholeNumber(flag: string, text: string, min: number, max: number): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= min && value <= max) return value;
	throw new Error(`--${flag} should be a whole number from ${min} to ${max}, not '${text}'`);
}

/** The names of all faults, and what each is. */
export function faultList(known: readonly Fault[]): string {
	const width = Math.max(...known.map(({ name }) => name.length));
	return known.map(({ name, about, short }) => `  ${name.padEnd(width)}  ${about}${short ? ' *' : ''}\n`).join('');
}

/** The text of `npm run drill -- --help`. */
export function helpText(known: readonly Fault[]): string {
	return `npm run drill -- [--flag …]

Breaks a real cluster of this machine, one fault after another, under a constant load of likes and comments and in front
of viewers, and checks that none is lost or doubled, that every viewer ends at the total, and that each is told every
comment and deletion once and in order. The faults (* also with --short):

${faultList(known)}
  --list          only lists them
  --only a,b      runs these
  --short         runs those with a star: about a minute and a half
  --seconds N     how long each fault lasts (each says that itself)
  --patience N    multiplies the time in which viewers have to agree, for a machine that does something else as well (1)
  --seed N        what is drawn by lot is drawn as with this seed (another one each time; it is printed)
  --viewers N     how many viewers (36)
  --likes N       likes a second (80), half of them of one video, which everybody watches
  --comments N    comments a second (6), shared out like the likes; authors delete one in five
  --json FILE     also writes all that was seen to a file
  --host-network  stays in the network of the machine; faults that need small kernel buffers are skipped then

What the table says of each fault:

  likes accepted   likes given while it was run that were answered with success, each insisted on with the same id
  in the store     how many of the likes that were given then the database holds in the end
  viewers exact    viewers whose snapshot + deltas are the stored totals of all their videos, and who were told all their
                   comments, in the end
  converged after  seconds from the last answered like, or from the moment at which the fault hit or was to end (a process
                   is started again, goes on, a link heals) if that is later, until every viewer shows the stored totals
                   and was told all comments, without another like. Two times: while the fault lasts, and after it; one
                   where some viewers cannot be reached before its end
  frames missed    of the seconds of each viewer and video in which a like of it was accepted (in the first 750 ms), those
                   in which no frame of that video came, with a stream or without
  floods           events that went to every frontend, since their owner was in doubt; what a node counted in the last
                   second before it was killed is not seen
  comments         comments given while it was run that a database holds in the end, also those that were deleted
  missing          comments and deletions that a viewer of their video was never told, and no gap said so
  doubled          … that a viewer was told again, or that are stored twice
  out of order     … that a viewer was told after a later one of the same store
  gaps             how often a viewer was told that comments were missed, which the history has
  verdict          FAIL when a like or a comment is lost, doubled or never answered, when a comment is missing, doubled or
                   out of order at a viewer or in the history, when a gap is told where the fault is no reason, when
                   viewers are not exact in time, when a viewer is ever told a delta that does not add up or a total that
                   falls, when a node ends by itself, or when the cluster is not as before after a minute

Exit code 1 when a fault fails, or in CI (the CI variable) when one is skipped; 2 when the arguments are wrong.
`;
}
