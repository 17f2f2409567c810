import { parseArgs } from 'node:util';
import { type Flags, flagOf, variableOf } from './config.ts';
import { SETTINGS } from './settings.ts';

/** What a command line asks for. */
export type Command =
	| { readonly kind: 'help' }
	| { readonly kind: 'version' }
	| { readonly kind: 'start'; readonly flags: Flags; readonly problems: readonly string[] };

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
	if (values.help) return { kind: 'help' };
	if (values.version) return { kind: 'version' };
	const flags: Record<string, string> = {};
	const problems = positionals.map((argument) => `'${argument}' is not a flag; 'likewire --help' lists them`);
	for (const [flag, value] of Object.entries(values)) {
		const name = names.get(flag);
		if (name === undefined) problems.push(`--${flag} is not a flag; 'likewire --help' lists them`);
		else if (typeof value !== 'string') problems.push(`--${flag} wants a value`);
		else flags[name] = value;
	}
	return { kind: 'start', flags, problems };
}

/** The text of `likewire --help`, made from the settings. */
export function helpText(): string {
	const rows = Object.entries(SETTINGS).map(([name, { help, default: value }]) => ({
		flag: `--${flagOf(name)}`,
		variable: variableOf(name),
		help: value === '' ? help : `${help} (${value})`,
	}));
	const flagWidth = Math.max(...rows.map(({ flag }) => flag.length));
	const variableWidth = Math.max(...rows.map(({ variable }) => variable.length));
	const lines = rows.map(
		({ flag, variable, help }) => `  ${flag.padEnd(flagWidth)}  ${variable.padEnd(variableWidth)}  ${help}`,
	);
	return [
		'likewire: exact live likes for any number of viewers',
		'',
		'Usage: likewire [--flag value …]',
		'',
		'Each setting is a flag or an environment variable; the flag wins. Defaults are in brackets.',
		'',
		...lines,
		`  ${'-h, --help'.padEnd(flagWidth + variableWidth + 2)}  shows this`,
		`  ${'-v, --version'.padEnd(flagWidth + variableWidth + 2)}  shows the version`,
		'',
	].join('\n');
}
