import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const ENTRY = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/**
 * Runs a script with `createClient` of the SDK in a Node process of its own.
 * Returns what it printed, once it has ended by itself.
 */
export async function runScript(script: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
	const { outputFiles } = await build({
		stdin: {
			contents: `import { createClient } from ${JSON.stringify(ENTRY)};\n${script}`,
			resolveDir: fileURLToPath(new URL('.', import.meta.url)),
		},
		bundle: true,
		write: false,
		format: 'esm',
		platform: 'node',
		// Linux takes 128 KiB for an argument.
		minify: true,
	});
	const code = outputFiles[0]?.text ?? '';
	return promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
}
