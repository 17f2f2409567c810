import { describe, expect, it } from 'vitest';
import { helpText, parseCommandLine } from './cli.ts';
import { variableOf } from './config.ts';
import { SETTINGS } from './settings.ts';

describe('parseCommandLine', () => {
	it('sets each setting by a flag of its name', () => {
		expect(parseCommandLine(['--port', '9000', '--data-dir=/tmp/x', '--window-ms', '20'])).toEqual({
			kind: 'start',
			flags: { port: '9000', dataDir: '/tmp/x', windowMs: '20' },
			problems: [],
		});
		expect(parseCommandLine([])).toEqual({ kind: 'start', flags: {}, problems: [] });
	});

	it('uses the last of several equal flags', () => {
		expect(parseCommandLine(['--port', '1', '--port', '2'])).toMatchObject({ flags: { port: '2' } });
	});

	it('names every unknown argument, and every flag without its value', () => {
		const command = parseCommandLine(['--colour', 'stray', '-p', '--dataDir=/x', '--port']);
		expect(command).toMatchObject({ kind: 'start', flags: {} });
		const { problems } = command as { problems: readonly string[] };
		for (const name of ['--colour', "'stray'", '--p ', '--dataDir', '--port requires']) {
			expect(problems).toContainEqual(expect.stringContaining(name));
		}
		expect(problems).toHaveLength(5);
	});

	it.each([
		[['--help'], 'help'],
		[['-h', '--nonsense'], 'help'],
		[['--version'], 'version'],
		[['-v'], 'version'],
	] as const)('parses %j as %s', (args, kind) => {
		expect(parseCommandLine(args)).toMatchObject({ kind });
	});

	it('parses a command for a store by two words, with a help of its own', () => {
		expect(parseCommandLine(['store', 'restored', '--region', 'north'])).toMatchObject({
			kind: 'store restored',
			flags: { region: 'north' },
			problems: [],
		});
		for (const action of ['store backup', 'store restore', 'store restored'] as const) {
			expect(parseCommandLine([...action.split(' '), '--help'])).toEqual({ kind: 'help', of: action });
			expect(helpText(action)).toMatch(/--data-dir.*--database-url.*--region/s);
			expect(helpText()).toContain(action);
		}
		expect(parseCommandLine(['store'])).toMatchObject({ problems: [expect.stringContaining('store restored')] });
		expect(parseCommandLine(['store', 'restored', 'twice'])).toMatchObject({ problems: [expect.any(String)] });
		expect(parseCommandLine(['restored', 'store'])).toMatchObject({
			problems: [expect.any(String), expect.any(String)],
		});
	});

	it('accepts one file for a backup, and --overwrite only for a backup', () => {
		const backup = { kind: 'store backup', file: '/b', problems: [] };
		expect(parseCommandLine(['store', 'backup', '/b'])).toMatchObject({ ...backup, overwrite: false });
		expect(parseCommandLine(['store', 'backup', '/b', '--overwrite'])).toMatchObject({ ...backup, overwrite: true });
		for (const args of [['restore', '/b', '--overwrite'], ['restore', '/b', '/c'], ['restore'], ['backup']]) {
			expect(parseCommandLine(['store', ...args])).toMatchObject({ problems: [expect.any(String)] });
		}
		expect(parseCommandLine(['--overwrite'])).toMatchObject({ problems: [expect.any(String)] });
	});

	it('lists every setting in the help as flag and variable, with its default', () => {
		const help = helpText();
		for (const [name, setting] of Object.entries(SETTINGS)) {
			const line = help.split('\n').find((text) => text.includes(`${variableOf(name)} `)) ?? '';
			expect(line).toMatch(/^ {2}--[a-z-]+ +LIKEWIRE_/);
			expect(line).toContain(setting.help);
			expect(line).toContain(setting.default);
		}
	});
});
