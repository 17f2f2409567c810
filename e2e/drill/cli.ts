import { parseArgs } from 'node:util';
import { wholeNumber } from '../../local-cluster/cli/numbers.ts';
import type { Fault } from './fault.ts';

export interface Command {
	readonly help: boolean;
	readonly list: boolean;
	readonly faults: readonly Fault[];
	readonly lastsMs: number | undefined;
	/** The factor for the time in which viewers have to agree. */
	readonly patience: number;
	readonly seed: number;
	readonly viewers: number;
	readonly likesPerSecond: number;
	readonly commentsPerSecond: number;
	/** The file for all observations. */
	readonly json: string | undefined;
	readonly hostNetwork: boolean;
}

const MAX_SECONDS = 3_600;
const MAX_PATIENCE = 100;
/** More viewers leave too little CPU for the cluster. */
const MAX_VIEWERS = 2_000;
const MAX_LIKES_PER_SECOND = 1_000;
const MAX_COMMENTS_PER_SECOND = 100;
const MAX_SEED = 2 ** 32 - 1;

/** Parses the arguments. Throws an Error that names the wrong argument. */
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
		throw new Error(`unknown fault '${unknown}'; known faults: ${known.map(({ name }) => name).join(', ')}`);
	}
	return known.filter(({ name }) => names.includes(name));
}

/** Returns the names of all faults with their descriptions. */
export function faultList(known: readonly Fault[]): string {
	const width = Math.max(...known.map(({ name }) => name.length));
	return known.map(({ name, about, short }) => `  ${name.padEnd(width)}  ${about}${short ? ' *' : ''}\n`).join('');
}

/** Returns the text of `npm run drill -- --help`. */
export function helpText(known: readonly Fault[]): string {
	return `npm run drill -- [--flag …]

Breaks a real cluster on this machine, one fault after another, under a constant load of likes and comments and with
viewers. Checks that no like or comment is lost or doubled, that every viewer ends at the total, and that every viewer
receives every comment and deletion once and in order. The faults (* also with --short):

${faultList(known)}
  --list          lists the faults
  --only a,b      runs these faults
  --short         runs the faults with a star: about a minute and a half
  --seconds N     the duration of each fault (default: the fault defines it)
  --patience N    multiplies the time in which viewers have to agree, for a busy machine (1)
  --seed N        the seed of all random choices (default: a new one, which is printed)
  --viewers N     the number of viewers (36)
  --likes N       likes a second (80), half of them of one video, which all viewers watch
  --comments N    comments a second (6), spread like the likes; authors delete one in five
  --json FILE     also writes all observations to a file
  --host-network  uses the network of the machine, and skips faults that need small kernel buffers

The columns of the table:

  likes accepted   likes that were sent during the fault and accepted, each retried with the same id
  in the store     likes that were sent during the fault and are in the database at the end
  viewers exact    viewers that show the stored totals of all their videos (snapshot + deltas), and received all comments
                   of these videos, at the end
  converged after  seconds until every viewer shows the stored totals and has received all comments, without another
                   like. The time starts with the last answer, or when the fault hits or heals (a process starts or
                   continues, a link heals) if that is later. Two times: during the fault, and after it; only the
                   second if some viewers are unreachable during the fault
  frames missed    seconds, of all seconds of a viewer and a video with an accepted like in the first 750 ms, in which no
                   frame of this video arrived, with a stream or without
  floods           events that went to every frontend, since their owner was uncertain; without the counts of a node in
                   the last second before it was killed
  comments         comments that were sent during the fault and are in a database at the end, deleted ones included
  missing          comments and deletions that a viewer of their video did not receive, without a gap
  doubled          comments and deletions that a viewer received again, or that are stored twice
  out of order     comments and deletions that a viewer received after a later one of the same store
  gaps             gap events at viewers: comments that the stream left out, and that the history has
  verdict          FAIL when a like or a comment is lost, doubled or unanswered, when a comment is missing, doubled or out
                   of order at a viewer or in the history, when a gap has a reason that the fault does not allow, when
                   viewers are not exact in time, when a viewer receives a delta that does not add up or a total that
                   falls, when a node ends by itself, or when the cluster does not recover within a minute

Exit code 1 when a fault fails, or in CI (the variable CI is set) when a fault is skipped; 2 when an argument is wrong.
`;
}
