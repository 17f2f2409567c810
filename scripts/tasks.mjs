import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PROGRAMS = fileURLToPath(new URL('../node_modules/.bin', import.meta.url));

/** Prints the current step of a command. */
export function print(text) {
	process.stderr.write(`\x1b[1m${text}\x1b[0m\n`);
}

/** Starts a command in the repository. */
function start(command, args, stdio, { env = {}, cwd = ROOT } = {}) {
	return spawn(command, args, {
		cwd,
		stdio,
		env: { ...process.env, PATH: `${PROGRAMS}${delimiter}${process.env.PATH}`, ...env },
		shell: process.platform === 'win32',
	});
}

/** Resolves with the exit code of a command, once all of its output has arrived. */
function exitCode(child) {
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code) => resolve(code ?? 1));
	});
}

/** Runs a command in the repository with its output shown, and resolves with its exit code. */
export function run(command, args, options) {
	return exitCode(start(command, args, 'inherit', options));
}

/** Runs a command in the repository, and resolves with its exit code and its output. */
export async function capture(command, args, options) {
	const child = start(command, args, ['ignore', 'pipe', 'pipe'], options);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text) => {
			output += text;
		});
	}
	return { code: await exitCode(child), output };
}

/** Runs a command, and ends this process when it fails. */
export async function mustRun(command, args, options) {
	const code = await run(command, args, options);
	if (code === 0) return;
	print(`${command} ${args.join(' ')} failed`);
	process.exit(code);
}

/** Ends a run of several steps with a summary and an exit code. */
export function conclude({ passed, failed }) {
	process.stdout.write(`${passed} passed, ${failed} failed\n`);
	process.exit(failed === 0 ? 0 : 1);
}
