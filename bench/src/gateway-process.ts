import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ended, start } from './child-processes.ts';

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 15_000;

/** Built helpers and databases lie here: on the disk of the repository, since a `/tmp` in memory would make a sync free. */
export const BUILD_DIR = fileURLToPath(new URL('../build', import.meta.url));

/** The gateway that is measured. */
export const BUILT_GATEWAY = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));

export interface GatewayOptions {
	/** Its main file. */
	readonly file: string;
	/** Flags for Node itself, such as a profiler's. */
	readonly nodeFlags: readonly string[];
	/** Flags of the gateway. */
	readonly flags?: readonly string[];
}

/** A gateway in a process of its own, with a fresh database. */
export interface GatewayProcess {
	readonly port: number;
	readonly pid: number;
	readonly dataDir: string;
	/** Ends it; the database stays. */
	stop(): Promise<void>;
	/** Ends it and removes the database. */
	remove(): Promise<void>;
}

/** Starts a gateway on free ports. Rejects when it is not built or does not come up. */
export async function startGateway(options: GatewayOptions): Promise<GatewayProcess> {
	if (!existsSync(options.file)) throw new Error(`there is no ${options.file}; run \`npm run build\` first`);
	mkdirSync(BUILD_DIR, { recursive: true });
	const dataDir = mkdtempSync(join(BUILD_DIR, 'data-'));
	const fixed = ['--port', '0', '--internal-port', '0', '--data-dir', dataDir, '--static-dir', 'none'];
	const quiet = ['--log-level', 'error'];
	const args = [...options.nodeFlags, options.file, ...fixed, ...quiet, ...(options.flags ?? [])];
	const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LIKEWIRE_')));
	const child = start(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
	const clear = () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
	process.once('exit', clear);
	async function stop(): Promise<void> {
		child.kill('SIGTERM');
		await ended(child, STOP_TIMEOUT_MS);
	}
	async function remove(): Promise<void> {
		await stop();
		process.off('exit', clear);
		clear();
	}
	try {
		const port = await announcedPort(child);
		return { port, pid: child.pid as number, dataDir, stop, remove };
	} catch (error) {
		await remove();
		throw error;
	}
}

/** The port in the address that the gateway prints once it listens. */
function announcedPort(child: ChildProcess): Promise<number> {
	return new Promise((resolve, reject) => {
		let printed = '';
		const timer = setTimeout(() => reject(new Error('the gateway did not start in time')), START_TIMEOUT_MS);
		child.stdout?.on('data', (chunk: Buffer) => {
			printed += chunk.toString();
			const port = /^\s*Stream\s+http:\/\/[^/]*:(\d+)\//m.exec(printed)?.[1];
			if (port !== undefined) settle(() => resolve(Number(port)));
		});
		child.once('exit', (code) => settle(() => reject(new Error(`the gateway ended with ${code} as it started`))));
		function settle(how: () => void): void {
			clearTimeout(timer);
			how();
		}
	});
}
