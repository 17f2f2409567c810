import { parseArgs } from 'node:util';
import { type Flags, flagOf, type SettingName, variableOf } from './config.ts';
import { SETTINGS } from './settings.ts';

/** The commands for a store, by the words behind `likewire` that ask for them. */
export type StoreAction = 'store backup' | 'store restore' | 'store restored';

type Action = 'start' | StoreAction;

/** What a command line asks for. */
export type Command =
	| { readonly kind: 'help'; readonly of: Action }
	| { readonly kind: 'version' }
	| { readonly kind: 'start'; readonly flags: Flags; readonly problems: readonly string[] }
	| ({ readonly kind: StoreAction; readonly flags: Flags; readonly problems: readonly string[] } & StoreArguments);

/** What a command for a store takes beside the settings. */
export interface StoreArguments {
	/** The backup; '' for a command that takes none. */
	readonly file: string;
	/** Whether a backup replaces a file that is there already. */
	readonly overwrite: boolean;
}

/** Reads the arguments behind the program's name. Pure; problems are collected, not thrown. */
export function parseCommandLine(args: readonly string[]): Command {
	const names = new Map(Object.keys(SETTINGS).map((name) => [flagOf(name), name]));
	const { values, positionals } = parseArgs({
		args: [...args],
		strict: false,
		options: {
			help: { type: 'boolean', short: 'h' },
			version: { type: 'boolean', short: 'v' },
			overwrite: { type: 'boolean' },
			...Object.fromEntries([...names.keys()].map((flag) => [flag, { type: 'string' as const }])),
		},
	});
	const action = actionOf(positionals);
	if (values.help) return { kind: 'help', of: action };
	if (values.version) return { kind: 'version' };
	const flags: Record<string, string> = {};
	const problems: string[] = [];
	for (const [flag, value] of Object.entries(values)) {
		const name = names.get(flag);
		if (flag === 'overwrite' && action === 'store backup') continue;
		if (name === undefined) problems.push(`--${flag} is not a flag; '${helpCommand(action)}' lists them`);
		else if (typeof value !== 'string') problems.push(`--${flag} wants a value`);
		else flags[name] = value;
	}
	if (action === 'start') return { kind: action, flags, problems: [...positionals.map(unknownWord), ...problems] };
	const words = positionals.slice(2);
	const file = takesFile(action) ? words.shift() : '';
	if (file === undefined) problems.push(`'likewire ${action}' needs the name of a file: 'likewire ${action} FILE'`);
	problems.unshift(...words.map(unknownWord));
	return { kind: action, flags, problems, file: file ?? '', overwrite: values.overwrite === true };
}

function actionOf([first, second]: readonly string[]): Action {
	if (first !== 'store') return 'start';
	return STORE_ACTIONS.find((action) => action === `store ${second}`) ?? 'start';
}

const STORE_ACTIONS: readonly StoreAction[] = ['store backup', 'store restore', 'store restored'];

const takesFile = (action: StoreAction) => action !== 'store restored';

function helpCommand(action: Action): string {
	return action === 'start' ? 'likewire --help' : `likewire ${action} --help`;
}

function unknownWord(word: string): string {
	if (word === 'store')
		return `'store' needs a second word: ${STORE_ACTIONS.map((action) => `'${action}'`).join(', ')}`;
	return `'${word}' is not a flag; 'likewire --help' lists them`;
}

/** The text of `likewire --help`, made from the settings, or that of a command. */
export function helpText(of: Action = 'start'): string {
	return of === 'start' ? startHelp() : storeHelp(of);
}

function startHelp(): string {
	return [
		'likewire: exact live likes for any number of viewers',
		'',
		'Usage: likewire [--flag value …]                starts a node',
		'       likewire store backup FILE [--flag …]    copies the SQLite database, also of a running node',
		'       likewire store restore FILE [--flag …]   puts such a copy back in place of the database',
		'       likewire store restored [--flag …]       after a database was restored by other means',
		'       Each store command has a --help of its own.',
		'',
		'Each setting is a flag or an environment variable; the flag wins. Defaults are in brackets.',
		'',
		...table(Object.keys(SETTINGS) as SettingName[], ['-v, --version', 'shows the version']),
	].join('\n');
}

const STORE_HELP: Readonly<Record<StoreAction, readonly string[]>> = {
	'store backup': [
		'likewire store backup: copies the SQLite database of a node into one file',
		'',
		'Usage: likewire store backup FILE [--overwrite] [--flag value …]',
		'',
		'The node may run. The copy is the database as it was at one moment; it is checked, and on the disk when the command',
		'ends with 0. A file that exists is replaced only with --overwrite. Writes of the node go on meanwhile, and its log',
		'grows by them until the copy is done.',
		'With PostgreSQL the command does nothing but name the command of PostgreSQL that does it.',
	],
	'store restore': [
		'likewire store restore: puts a backup in place of the SQLite database of a node',
		'',
		'Usage: likewire store restore FILE [--flag value …]',
		'',
		'The node has to be stopped. The backup is copied and checked: pages, schema, region. The old database is renamed to',
		'likewire.db.before-<time> in its directory, with its log. The store gets a new epoch, under which what it has now',
		'replaces what nodes and other regions know of it. When the command fails, or is killed, the old database is in',
		'place, or the restore is finished when the node starts.',
		'With PostgreSQL the command does nothing but name the commands of PostgreSQL that do it.',
	],
	'store restored': [
		'likewire store restored: gives the store a new epoch, after its database was restored by other means',
		'',
		'Usage: likewire store restored [--flag value …]',
		'',
		'For PostgreSQL, and for a SQLite database that a snapshot of its disk brought back; likewire store restore has done',
		'this already. Nodes and other regions hold likes in memory that came after the backup was made, and would go on',
		'showing them. Under the new epoch, what the store has now replaces what they know of it. The command changes nothing',
		'else, and running it twice does no harm. With SQLite the node has to be stopped; with PostgreSQL nodes may run.',
		'It also mends a store that was made, or restored, while the clock was hours ahead, which other regions refuse.',
	],
};

function storeHelp(action: StoreAction): string {
	return [
		...STORE_HELP[action],
		'',
		'It goes by the settings of the node, flags or environment variables, of which these matter:',
		'',
		...table(
			['dataDir', 'databaseUrl', 'region'],
			...(action === 'store backup' ? [['--overwrite', 'replaces FILE when it exists'] as const] : []),
		),
	].join('\n');
}

/** A line for each setting, and for flags that are none. */
function table(names: readonly SettingName[], ...more: readonly (readonly [flag: string, help: string])[]): string[] {
	const rows = names.map((name) => {
		const { help, default: value } = SETTINGS[name];
		const text: string = value === '' ? help : `${help} (${value})`;
		return { flag: `--${flagOf(name)}`, variable: variableOf(name), help: text };
	});
	const flagWidth = Math.max(...rows.map(({ flag }) => flag.length));
	const variableWidth = Math.max(...rows.map(({ variable }) => variable.length));
	return [
		...rows.map(
			({ flag, variable, help }) => `  ${flag.padEnd(flagWidth)}  ${variable.padEnd(variableWidth)}  ${help}`,
		),
		...[['-h, --help', 'shows this'] as const, ...more].map(
			([flag, help]) => `  ${flag.padEnd(flagWidth + variableWidth + 2)}  ${help}`,
		),
		'',
	];
}
