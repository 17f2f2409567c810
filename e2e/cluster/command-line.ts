import { parseArgs } from 'node:util';

const HELP = `A cluster of this machine: likes node, dispatchers and frontends, a process each, on loopback.

Usage: npm run cluster -- [--flag value …] [-- flags of the gateway]

  --likes N        nodes that store likes; one is all that SQLite takes (1)
  --dispatchers N  nodes that know which frontends have viewers of a video (2)
  --frontends N    nodes that hold viewers (3)
  --port N         port of HAProxy; the nodes take those behind it, for viewers, and those 1000 above, for operators; 0 takes
                   free ones (8080)
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
			readonly likes: number;
			readonly dispatchers: number;
			readonly frontends: number;
			/** 0 for free ones. */
			readonly port: number;
			readonly dataDir: string | undefined;
			/** Whether nodes learn of each other from an etcd. */
			readonly etcd: boolean;
			/** Flags of the gateway for every node. */
			readonly flags: readonly string[];
	  };

/** Numbers that can be set: the least, the most, and what each is when nobody sets it. */
const NUMBERS = {
	likes: [1, 1, 1],
	dispatchers: [1, 16, 2],
	frontends: [1, 32, 3],
	port: [0, 31_000, 8_080],
} as const;

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
	const numbers = { likes: 0, dispatchers: 0, frontends: 0, port: 0 };
	for (const name of Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]) {
		const [least, most, usual] = NUMBERS[name];
		const { [name]: text = String(usual) } = rest;
		numbers[name] = Number(text);
		delete rest[name];
		if (!/^\d+$/.test(String(text)) || numbers[name] < least || numbers[name] > most) {
			problems.push(`--${name} should be ${least === most ? least : `a whole number from ${least} to ${most}`}`);
		}
	}
	problems.push(...Object.keys(rest).map((name) => `--${name} is not a flag; '--help' lists them`));
	if (problems.length > 0) return { kind: 'wrong', problems };
	return { kind: 'start', ...numbers, dataDir: dataDir as string | undefined, etcd: etcd === true, flags };
}
