import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../local-cluster/until.ts';
import { test as base } from './browser-test.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/cluster.mjs', import.meta.url));

/** A process of `npm run cluster`. */
export class ClusterCommand {
	printed = '';
	/** The directory for temporary files of the command and its nodes. */
	readonly temporary = mkdtempSync(join(tmpdir(), 'cluster-command-'));
	/** Resolves with its exit code. */
	readonly ended: Promise<number | null>;
	readonly #child: ChildProcess;

	constructor(...args: string[]) {
		// An unknown LIKEWIRE_ variable of the user: nodes that inherit it refuse to start.
		const env = { ...process.env, TMPDIR: this.temporary, LIKEWIRE_NO_SETTING: '1' };
		// When root starts PostgreSQL it runs as another user, which must be able to enter its directory.
		chmodSync(this.temporary, 0o711);
		this.#child = spawn(process.execPath, [SCRIPT, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
		for (const stream of [this.#child.stdout, this.#child.stderr]) {
			stream?.setEncoding('utf8').on('data', (text: string) => {
				this.printed += text;
			});
		}
		this.ended = new Promise((resolve) => this.#child.once('close', resolve));
	}

	/** Waits until the output matches a pattern, and resolves with its first group. */
	async prints(pattern: RegExp): Promise<string> {
		const find = () => {
			if (this.#child.exitCode !== null && !pattern.test(this.printed)) throw new Error(this.printed);
			return pattern.exec(this.printed)?.[1];
		};
		return until(find, { what: String(pattern), timeoutMs: 120_000 });
	}

	/** The printed process ids of the nodes. */
	get pids(): number[] {
		return [...this.printed.matchAll(/:\d+ +(\d+)$/gm)].map(([, pid]) => Number(pid));
	}

	/** Temporary files of the cluster, without the cache of tsx. */
	get leftovers(): string[] {
		return readdirSync(this.temporary).filter((name) => !name.startsWith('tsx-'));
	}

	/** Sends a signal, and resolves with the exit code. */
	end(signal: NodeJS.Signals): Promise<number | null> {
		this.#child.kill(signal);
		return this.ended;
	}
}

/** A test function with the command, which ends with the test. */
export const test = base.extend<{ run: (...args: string[]) => ClusterCommand }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	run: async ({}, use) => {
		const commands: ClusterCommand[] = [];
		await use((...args) => {
			const command = new ClusterCommand(...args);
			commands.push(command);
			return command;
		});
		for (const command of commands) {
			await command.end('SIGKILL');
			rmSync(command.temporary, { recursive: true, force: true, maxRetries: 10 });
		}
	},
});

/** Returns whether a process exists. */
export function lives(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
