import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs a command as its npm script does; resolves with the exit code and the output. Ends it with the test.
 *
 * @param file its path from the root of the repository.
 */
export function runCommand(file: string, ...args: readonly string[]): Promise<[code: number | null, written: string]> {
	const env = { ...process.env };
	// The settings of Vitest's processes are not for the command.
	delete env.NODE_OPTIONS;
	const command = ['--import', 'tsx', file, ...args];
	const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
	onTestFinished(() => {
		child.kill('SIGTERM');
	});
	let written = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text: string) => {
			written += text;
		});
	}
	return new Promise((resolve) => {
		child.once('close', (code) => resolve([code, written]));
	});
}
