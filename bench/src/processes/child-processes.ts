import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { pinnedCommand, type Side } from './pinning.ts';

const children = new Set<ChildProcess>();

/** Starts a process that ends with this one, on the cores of a side when processes are pinned. */
export function start(side: Side, command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
	const child = spawn(...pinnedCommand(side, command, args), options);
	children.add(child);
	child.once('exit', () => children.delete(child));
	return child;
}

/** Kills all children when this process ends or is interrupted. */
export function killChildrenAtExit(): void {
	process.once('exit', () => {
		for (const child of children) child.kill('SIGKILL');
	});
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
}

/** Resolves when the process ended; kills it after `timeoutMs`. */
export async function ended(child: ChildProcess, timeoutMs: number): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
	await new Promise((resolve) => child.once('exit', resolve));
	clearTimeout(timer);
}
