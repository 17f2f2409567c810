import { parseArgs } from 'node:util';
import { parseWholeNumber } from './numbers.ts';

const HELP = `Starts a cluster on this machine: Likes nodes, dispatchers and frontends, each in a process, on loopback.

Usage: npm run cluster -- [--flag value …] [-- flags of the gateway]

  --regions N      the number of connected regions, each with these nodes, and with a PostgreSQL and an etcd if they are
                   installed (1)
  --likes N        nodes that store likes; SQLite allows one (1; with several regions 2 each)
  --dispatchers N  nodes that route events to the frontends with viewers of a video (2)
  --frontends N    nodes that hold the connections of viewers (3; with several regions 2 each)
  --port N         the port of HAProxy. Nodes use the ports after it for viewers, and ports 1000 higher for operators; each
                   further region starts 100 higher. 0 uses free ports (8080)
  --etcd           nodes find each other in an etcd, which the command starts, instead of in a list
  --data-dir DIR   the directory of the database (default: a temporary one, removed at the end)
  -h, --help       shows this text

Flags after a second '--' go to every node: npm run cluster -- --frontends 5 -- --window-ms 20 --log-level debug
`;

/** A parsed command line. */
export type Command =
	| { readonly kind: 'help'; readonly text: string }
	| { readonly kind: 'wrong'; readonly problems: readonly string[] }
	| {
			readonly kind: 'start';
			readonly regions: number;
			/** Undefined for the default. */
			readonly likes: number | undefined;
			readonly dispatchers: number;
			readonly frontends: number | undefined;
			/** 0 for free ports. */
			readonly port: number;
			readonly dataDir: string | undefined;
			/** Whether nodes find each other in an etcd. */
			readonly etcd: boolean;
			/** Flags of the gateway for every node. */
			readonly flags: readonly string[];
	  };

export type StartCommand = Command & { readonly kind: 'start' };

/** The minimum, the maximum and the default of each number. */
const NUMBERS = {
	regions: [1, 3, 1],
	likes: [1, 8, undefined],
	dispatchers: [1, 16, 2],
	frontends: [1, 32, undefined],
	port: [0, 31_000, 8_080],
} as const;

type Numbers = { [Name in keyof typeof NUMBERS]: number | ((typeof NUMBERS)[Name][2] & undefined) };

/** Parses the arguments after `npm run cluster --`. Returns all problems at once. */
export function parseCommandLine(args: readonly string[]): Command {
	const split = args.indexOf('--');
	const [own, flags] = split < 0 ? [args, []] : [args.slice(0, split), args.slice(split + 1)];
	const { values, positionals } = parseArgs({
		args: [...own],
		strict: false,
		options: {
			help: { type: 'boolean', short: 'h' },
			etcd: { type: 'boolean' },
			'data-dir': { type: 'string' },
			...Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, { type: 'string' as const }])),
		},
	});
	const { help, etcd = false, 'data-dir': dataDir, ...rest } = values;
	if (help) return { kind: 'help', text: HELP };
	const problems = positionals.map((text) => `'${text}' is not a flag; '--help' lists them`);
	if (typeof etcd === 'string') problems.push('--etcd takes no value');
	if (typeof dataDir === 'boolean') problems.push('--data-dir requires a directory');
	const numbers: Record<string, number | undefined> = {};
	for (const [name, [least, most, usual]] of Object.entries(NUMBERS)) {
		const { [name]: text } = rest;
		delete rest[name];
		numbers[name] = text === undefined ? usual : parseWholeNumber(String(text), least, most);
		if (text !== undefined && numbers[name] === undefined) {
			problems.push(`--${name} should be a whole number from ${least} to ${most}`);
		}
	}
	if (numbers.regions === 1 && (numbers.likes ?? 1) > 1) {
		problems.push('--likes should be 1: a SQLite database belongs to one node; several regions have a PostgreSQL each');
	}
	problems.push(...Object.keys(rest).map((name) => `--${name} is not a flag; '--help' lists them`));
	if (problems.length > 0) return { kind: 'wrong', problems };
	return { kind: 'start', ...(numbers as Numbers), dataDir: dataDir as string | undefined, etcd: etcd === true, flags };
}
