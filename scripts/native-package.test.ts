import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPacked } from './packed-packages.ts';

let directory: string;
const inSdk = (path: string) => join(directory, 'node_modules/@likewire/sdk', path);

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), 'likewire-native-'));
	installPacked(['protocol', 'sdk'], directory);
}, 600_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Returns the names that an entry exports to `require`, under additional conditions. */
function exportsOf(entry: string, ...conditions: string[]): unknown {
	writeFileSync(join(directory, 'exports.cjs'), `console.log(JSON.stringify(Object.keys(require('${entry}')).sort()))`);
	const flags = conditions.map((condition) => `--conditions=${condition}`);
	return JSON.parse(execFileSync(process.execPath, [...flags, 'exports.cjs'], { cwd: directory, encoding: 'utf8' }));
}

interface Manifest {
	readonly main: string;
	readonly types: string;
	readonly 'react-native'?: string;
}

describe('the packed SDK', () => {
	it.each(['@likewire/sdk', '@likewire/sdk/hearts', '@likewire/sdk/react'])(
		'exports the names of %s to React Native as CommonJS',
		(entry) => {
			expect(exportsOf(entry, 'react-native')).toEqual(exportsOf(entry));
		},
	);

	it('bundles all code for React Native, without later imports or other packages', () => {
		const files = readdirSync(inSdk('dist/react-native')).filter((file) => file.endsWith('.js'));
		const code = files.map((file) => readFileSync(inSdk(`dist/react-native/${file}`), 'utf8')).join('\n');
		expect(code).not.toMatch(/\bimport\(/);
		const required = [...code.matchAll(/require\('([^']+)'\)/g)].map(([, name]) => name ?? '');
		expect(new Set(required.filter((name) => !name.startsWith('./')))).toEqual(new Set(['react', 'react-native']));
	});

	it.each(['.', 'hearts', 'react', 'react-native'])('names its files in %s without the exports map', (folder) => {
		const manifest = JSON.parse(readFileSync(inSdk(join(folder, 'package.json')), 'utf8')) as Manifest;
		// Metro uses the first field that it finds, and does not support `.cjs` files.
		const native = manifest['react-native'] ?? manifest.main;
		expect(native).toMatch(/\.js$/);
		for (const file of [manifest.main, manifest.types, native])
			expect(existsSync(inSdk(join(folder, file)))).toBe(true);
	});
});
