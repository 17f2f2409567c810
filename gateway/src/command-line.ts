import { parseArgs } from 'node:util';
import { type Flags, flagOf, type SettingName, variableOf } from './config.ts';
import { SETTINGS } from './settings.ts';

/** What can be done, by the words behind `likewire` that ask for it. */
type Action = 'start' | 'store restored';

/** What a command line asks for. */
export type Command =
	| { readonly kind: 'help'; readonly of: Action }
	| { readonly kind: 'version' }
	| { readonly kind: Action; readonly flags: Flags; readonly problems: readonly string[] };

/** Reads the arguments behind the program's name. Pure; problems are collected, not thrown. */
export function parseCommandLine(args: readonly string[]): Command {
	const names = new Map(Object.keys(SETTINGS).map((name) => [flagOf(name), name]));
	const { values, positionals } = parseArgs({
		args: [...args],
		strict: false,
		options: {
			help: { type: 'boolean', short: 'h' },
			version: { type: 'boolean', short: 'v' },
			...Object.fromEntries([...names.keys()].map((flag) => [flag, { type: 'string' as const }])),
		},
	});
	const isRestored = positionals[0] === 'store' && positionals[1] === 'restored';
	const action = isRestored ? 'store restored' : 'start';
	if (values.help) return { kind: 'help', of: action };
	if (values.version) return { kind: 'version' };
	const flags: Record<string, string> = {};
	const problems = positionals.slice(isRestored ? 2 : 0).map(unknownWord);
	for (const [flag, value] of Object.entries(values)) {
		const name = names.get(flag);
		if (name === undefined) problems.push(`--${flag} is not a flag; 'likewire --help' lists them`);
		else if (typeof value !== 'string') problems.push(`--${flag} wants a value`);
		else flags[name] = value;
	}
	return { kind: action, flags, problems };
}

function unknownWord(word: string): string {
	if (word === 'store') return "'store' wants to be told what: 'likewire store restored --help'";
	return `'${word}' is not a flag; 'likewire --help' lists them`;
}

/** The text of `likewire --help`, made from the settings, or that of a command. */
export function helpText(of: Action = 'start'): string {
	return of === 'start' ? startHelp() : restoredHelp();
}

function startHelp(): string {
	return [
		'likewire: exact live likes for any number of viewers',
		'',
		'Usage: likewire [--flag value …]                 starts a node',
		'       likewire store restored [--flag value …]  after a backup was restored; --help says more',
		'',
		'Each setting is a flag or an environment variable; the flag wins. Defaults are in brackets.',
		'',
		...table(Object.keys(SETTINGS) as SettingName[], ['-v, --version', 'shows the version']),
	].join('\n');
}

function restoredHelp(): string {
	return [
		'likewire store restored: to be run once after the database was restored from a backup',
		'',
		'Usage: likewire store restored [--flag value …]',
		'',
		'Nodes and other regions hold likes in memory that came after the backup was made, and would go on showing them.',
		'This gives the store a new epoch, under which what it has now replaces all that was heard of it. Nothing else is',
		'changed; to run it twice does no harm. With SQLite the node has to be stopped; with PostgreSQL it may run.',
		'It also mends a store that was made, or restored, while the clock was hours ahead, which other regions refuse.',
		'',
		'It goes by the settings of the node, flags or environment variables, of which these matter:',
		'',
		...table(['dataDir', 'databaseUrl', 'region']),
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
