import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPacked, ROOT } from './packed-packages.ts';

const PACKAGES = ['protocol', 'sdk', 'server', 'gateway'];

/** The entries for CommonJS, which must be complete. */
const ENTRIES = [
	'@likewire/protocol',
	'@likewire/sdk',
	'@likewire/sdk/hearts',
	'@likewire/sdk/element',
	'@likewire/sdk/react',
	'@likewire/sdk/react-native',
	'@likewire/server',
];

/** A stub of `react-native`, which Node cannot load, since it is written in Flow. */
const REACT_NATIVE = 'module.exports = { Animated: {}, Easing: {}, View: "View", Text: "Text" };';

let directory: string;
const inPackage = (name: string) => join(directory, 'node_modules/@likewire', name);

/** Runs a program in the folder where the packages are installed. */
function node(file: string, program: string): unknown {
	writeFileSync(join(directory, file), program);
	return JSON.parse(execFileSync(process.execPath, [file], { cwd: directory, encoding: 'utf8' }));
}

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), 'likewire-packages-'));
	installPacked(PACKAGES, directory);
	mkdirSync(join(directory, 'node_modules/react-native'));
	writeFileSync(join(directory, 'node_modules/react-native/index.js'), REACT_NATIVE);
}, 600_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('a packed tarball', () => {
	it.each(PACKAGES)('of %s contains the licence, and no source', (name) => {
		expect(readFileSync(join(inPackage(name), 'LICENSE'), 'utf8')).toBe(readFileSync(join(ROOT, 'LICENSE'), 'utf8'));
		expect(() => readFileSync(join(inPackage(name), 'src/index.ts'))).toThrow(/ENOENT/);
	});

	it.each(ENTRIES)('has the same exports of %s for import and require', (entry) => {
		const list = 'console.log(JSON.stringify(Object.keys(it).filter((key) => key !== "default").sort()))';
		const imported = node('import.mjs', `const it = await import('${entry}'); ${list}`);
		expect(imported).not.toEqual([]);
		expect(node('require.cjs', `const it = require('${entry}'); ${list}`)).toEqual(imported);
	});

	it.each(ENTRIES)('requires no ES module for %s, which Jest could not load', (entry) => {
		const loaded = node(
			'loaded.cjs',
			`require('${entry}'); console.log(JSON.stringify(Object.keys(require.cache)))`,
		) as string[];
		// Files for React Native end in `.js`, and their folder marks them as CommonJS.
		const isCommonJs = (file: string) => file.endsWith('.cjs') || /\/react(-native)?\//.test(file);
		expect(loaded.filter((file) => !isCommonJs(file))).toEqual([]);
		expect(loaded.length).toBeGreaterThan(1);
	});
});

describe('the script tag', () => {
	it('defines the global Likewire', () => {
		const script = readFileSync(join(ROOT, 'sdk/dist/browser/sdk.global.js'), 'utf8');
		const page = createContext({ AbortController, URL });
		runInContext(script, page);
		expect(runInContext('typeof Likewire.createClient', page)).toBe('function');
	});
});
