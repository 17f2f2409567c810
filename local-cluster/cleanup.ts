import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

interface Belonging {
	readonly group?: number;
	readonly directory?: string;
}

let guard: Writable | undefined;

/** A process that does the last of the tidying: nothing in this one could, after a SIGKILL. */
function startGuard(): Writable {
	const file = fileURLToPath(new URL('guard.mjs', import.meta.url));
	// In a group of its own, so that CTRL-C does not end it before its work begins.
	const child = spawn(process.execPath, [file], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
	child.unref();
	const rope = child.stdin as Writable & Socket;
	rope.unref();
	return rope;
}

function tell(message: { readonly add: Belonging } | { readonly forget: Belonging }): void {
	guard ??= startGuard();
	guard.write(`${JSON.stringify(message)}\n`);
}

/**
 * Starts a process that ends with this one, together with all that it starts itself, however this one ends. It does not
 * get the CTRL-C of the terminal; who started it decides in which order things stop.
 */
export function startOwned(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
	const child = spawn(file, args, { ...options, detached: true });
	const { pid } = child;
	if (pid !== undefined) {
		tell({ add: { group: pid } });
		child.once('exit', () => tell({ forget: { group: pid } }));
	}
	return child;
}

/** A new directory, in that for temporary ones unless another is named, which is removed when this process ends, if not before. */
export function makeOwnedDirectory(parent = tmpdir()): string {
	const directory = mkdtempSync(join(parent, 'likewire-'));
	tell({ add: { directory } });
	return directory;
}

export function removeOwnedDirectory(directory: string): void {
	rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
	tell({ forget: { directory } });
}
