import { parseArgs } from 'node:util';
import { type Flags, flagOf, type SettingName, variableOf } from './config.ts';
import { SETTINGS } from './settings.ts';

/** The commands for a store, by their words after `likewire`. */
export type StoreAction = 'store backup' | 'store restore' | 'store restored';

type Action = 'start' | StoreAction;

/** A parsed command line. */
export type Command =
	| { readonly kind: 'help'; readonly of: Action }
	| { readonly kind: 'version' }
	| { readonly kind: 'start'; readonly flags: Flags; readonly problems: readonly string[] }
	| ({ readonly kind: StoreAction; readonly flags: Flags; readonly problems: readonly string[] } & StoreArguments);

/** The arguments of a command for a store, beside the settings. */
export interface StoreArguments {
	/** The file of the backup; '' for a command without one. */
	readonly file: string;
	/** Whether a backup replaces an existing file. */
	readonly overwrite: boolean;
}

/** Parses the arguments after the name of the program. Pure; it collects problems and does not throw. */
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
		else if (typeof value !== 'string') problems.push(`--${flag} requires a value`);
		else flags[name] = value;
	}
	if (action === 'start') return { kind: action, flags, problems: [...positionals.map(unknownWord), ...problems] };
	const words = positionals.slice(2);
	const file = takesFile(action) ? words.shift() : '';
	if (file === undefined) problems.push(`'likewire ${action}' requires the name of a file: 'likewire ${action} FILE'`);
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
		return `'store' requires a second word: ${STORE_ACTIONS.map((action) => `'${action}'`).join(', ')}`;
	return `'${word}' is not a flag; 'likewire --help' lists them`;
}

/** Returns the text of `likewire --help`, or that of a command. */
export function helpText(of: Action = 'start'): string {
	return of === 'start' ? startHelp() : storeHelp(of);
}

function startHelp(): string {
	return [
		'likewire: exact live likes for any number of viewers',
		'',
		'Usage: likewire [--flag value …]                starts a node',
		'       likewire store backup FILE [--flag …]    copies the SQLite database, also of a running node',
		'       likewire store restore FILE [--flag …]   replaces the database with a backup',
		'       likewire store restored [--flag …]       marks a database that was restored by other means',
		'       Each store command has its own --help.',
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
		'The node may run. The copy is the database at one moment; the command checks it, and ends with 0 when it is on the',
		'disk. It replaces an existing file only with --overwrite. The node continues to write during the copy, and the log of',
		'the database grows until the copy is done.',
		'With PostgreSQL the command only prints the command of PostgreSQL for a backup.',
	],
	'store restore': [
		'likewire store restore: replaces the SQLite database of a node with a backup',
		'',
		'Usage: likewire store restore FILE [--flag value …]',
		'',
		'Stop the node first. The command copies the backup, and checks pages, schema and region. It renames the old database',
		'to likewire.db.before-<time> in its directory, with its log. The store gets a new epoch, by which its content replaces',
		'what nodes and other regions know of it. After a failure, the old database is in place, or the node completes the',
		'restore at its start.',
		'With PostgreSQL the command only prints the commands of PostgreSQL for a restore.',
	],
	'store restored': [
		'likewire store restored: gives the store a new epoch, after its database was restored by other means',
		'',
		'Usage: likewire store restored [--flag value …]',
		'',
		'For PostgreSQL, and for a SQLite database from a snapshot of its disk; likewire store restore does this itself. Nodes',
		'and other regions keep likes in memory that are newer than the backup, and would continue to show them. By the new',
		'epoch, the content of the store replaces what they know of it. The command changes nothing else, and a second run does',
		'no harm. With SQLite, stop the node first; with PostgreSQL, nodes may run. The command also repairs a store that was',
		'created or restored while the clock was hours ahead, which other regions refuse.',
	],
};

function storeHelp(action: StoreAction): string {
	return [
		...STORE_HELP[action],
		'',
		'It uses these settings of the node, as flags or environment variables:',
		'',
		...table(
			['dataDir', 'databaseUrl', 'region'],
			...(action === 'store backup' ? [['--overwrite', 'replaces FILE when it exists'] as const] : []),
		),
	].join('\n');
}

/** Returns a line for each setting, and for other flags. */
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
