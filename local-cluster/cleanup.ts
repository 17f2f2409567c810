import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

interface OwnedResource {
	readonly group?: number;
	readonly directory?: string;
}

let guard: Writable | undefined;

/** Starts a process that cleans up after this one, which could not do so after a SIGKILL. */
function startGuard(): Writable {
	const file = fileURLToPath(new URL('guard.mjs', import.meta.url));
	// A separate process group, so that CTRL-C does not end the guard before it cleans up.
	const child = spawn(process.execPath, [file], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
	child.unref();
	const pipe = child.stdin as Writable & Socket;
	pipe.unref();
	return pipe;
}

function notifyGuard(message: { readonly add: OwnedResource } | { readonly forget: OwnedResource }): void {
	guard ??= startGuard();
	guard.write(`${JSON.stringify(message)}\n`);
}

/**
 * Starts a process that ends, with its children, when this process ends in any way. It does not receive the CTRL-C of the
 * terminal, so its owner decides the order of the shutdown.
 */
export function startOwned(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
	const child = spawn(file, args, { ...options, detached: true });
	const { pid } = child;
	if (pid !== undefined) {
		notifyGuard({ add: { group: pid } });
		child.once('exit', () => notifyGuard({ forget: { group: pid } }));
	}
	return child;
}

/** Creates a directory that is removed at the latest when this process ends. By default its parent is that of temporary files. */
export function makeOwnedDirectory(parent = tmpdir()): string {
	const directory = mkdtempSync(join(parent, 'likewire-'));
	notifyGuard({ add: { directory } });
	return directory;
}

export function removeOwnedDirectory(directory: string): void {
	rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
	notifyGuard({ forget: { directory } });
}
