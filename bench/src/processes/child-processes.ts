import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

const children = new Set<ChildProcess>();

/** Starts a process that ends with this one. */
export function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
	const child = spawn(command, args, options);
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
