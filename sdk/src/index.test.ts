import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const entry = fileURLToPath(new URL('index.ts', import.meta.url));

/** What an import may not touch: a server also renders the page, and a bundler drops unused exports. */
const FORBIDDEN = [
	...['window', 'document', 'localStorage', 'navigator', 'location', 'addEventListener', 'console', 'fetch', 'crypto'],
	...['EventSource', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'process'],
];

describe('importing the SDK', () => {
	it('touches no page, timer, network or console, and lets a bare Node process end', async () => {
		const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: 'esm' });
		const code = outputFiles[0]?.text ?? '';
		// Node needs these globals to load the module, so the script watches them only while it runs.
		const script = `
			const code = ${JSON.stringify(code)};
			const touched = [];
			const names = ${JSON.stringify(FORBIDDEN)};
			const before = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
			const url = 'data:text/javascript,' + encodeURIComponent(
				'globalThis.watch();' + code + ';globalThis.unwatch();');
			globalThis.watch = () => names.forEach((name) => Object.defineProperty(globalThis, name, {
				configurable: true, get() { touched.push(name); return undefined; } }));
			globalThis.unwatch = () => names.forEach((name, i) => before[i]
				? Object.defineProperty(globalThis, name, before[i]) : delete globalThis[name]);
			const sdk = await import(url);
			process.stdout.write(JSON.stringify({ touched, exported: Object.keys(sdk).sort() }));`;
		const run = promisify(execFile);
		const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', script]);
		expect(JSON.parse(stdout)).toEqual({ touched: [], exported: ['LikewireError', 'createClient', 'uuid'] });
		expect(stderr).toBe('');
	});
});
