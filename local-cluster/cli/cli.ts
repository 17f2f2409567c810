import { parseArgs } from 'node:util';

const HELP = `A cluster of this machine: likes node, dispatchers and frontends, a process each, on loopback.

Usage: npm run cluster -- [--flag value …] [-- flags of the gateway]

  --regions N      regions, each with these nodes, a PostgreSQL and an etcd of its own if they are installed, linked with
                   each other (1)
  --likes N        nodes that store likes; one is all that SQLite takes (1, of several regions 2 each)
  --dispatchers N  nodes that know which frontends have viewers of a video (2)
  --frontends N    nodes that hold viewers (3, of several regions 2 each)
  --port N         port of HAProxy; the nodes take those behind it, for viewers, and those 1000 above, for operators; the next
                   region begins 100 above; 0 takes free ones (8080)
  --etcd           nodes learn of each other from an etcd, which is started with them, instead of from a list
  --data-dir DIR   directory of the database; a temporary one, gone at the end, when not given
  -h, --help       shows this

Flags behind a second '--' go to every node: npm run cluster -- --frontends 5 -- --window-ms 20 --log-level debug
`;

/** What a command line asks for. */
export type Command =
	| { readonly kind: 'help'; readonly text: string }
	| { readonly kind: 'wrong'; readonly problems: readonly string[] }
	| {
			readonly kind: 'start';
			readonly regions: number;
			/** As many as are usual when undefined. */
			readonly likes: number | undefined;
			readonly dispatchers: number;
			readonly frontends: number | undefined;
			/** 0 for free ones. */
			readonly port: number;
			readonly dataDir: string | undefined;
			/** Whether nodes learn of each other from an etcd. */
			readonly etcd: boolean;
			/** Flags of the gateway for every node. */
			readonly flags: readonly string[];
	  };

export type StartCommand = Command & { readonly kind: 'start' };

/** Numbers that can be set: the least, the most, and what each is when nobody sets it. */
const NUMBERS = {
	regions: [1, 3, 1],
	likes: [1, 8, undefined],
	dispatchers: [1, 16, 2],
	frontends: [1, 32, undefined],
	port: [0, 31_000, 8_080],
} as const;

type Numbers = { [Name in keyof typeof NUMBERS]: number | ((typeof NUMBERS)[Name][2] & undefined) };

/** Reads the arguments behind `npm run cluster --`. Pure; all that is wrong is told at once. */
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
	if (typeof dataDir === 'boolean') problems.push('--data-dir wants a directory');
	const numbers: Record<string, number | undefined> = {};
	for (const [name, [least, most, usual]] of Object.entries(NUMBERS)) {
		const { [name]: text } = rest;
		delete rest[name];
		numbers[name] = text === undefined ? usual : Number(text);
		if (text !== undefined && (!/^\d+$/.test(String(text)) || Number(text) < least || Number(text) > most)) {
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
