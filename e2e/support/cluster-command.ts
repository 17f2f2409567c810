import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../local-cluster/until.ts';
import { test as base } from './browser-test.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/cluster.mjs', import.meta.url));

/** What `npm run cluster` runs, in a process. */
export class ClusterCommand {
	printed = '';
	/** Where it and its nodes may leave temporary files. */
	readonly temporary = mkdtempSync(join(tmpdir(), 'cluster-command-'));
	/** Settles with its exit code. */
	readonly ended: Promise<number | null>;
	readonly #child: ChildProcess;

	constructor(...args: string[]) {
		// A variable of the person who runs it, which is no setting: nodes that got it would not start.
		const env = { ...process.env, TMPDIR: this.temporary, LIKEWIRE_NO_SETTING: '1' };
		// A PostgreSQL that is started by root runs as somebody else, who has to find its directory.
		chmodSync(this.temporary, 0o711);
		this.#child = spawn(process.execPath, [SCRIPT, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
		for (const stream of [this.#child.stdout, this.#child.stderr]) {
			stream?.setEncoding('utf8').on('data', (text: string) => {
				this.printed += text;
			});
		}
		this.ended = new Promise((resolve) => this.#child.once('close', resolve));
	}

	/** Waits until it printed something, and answers with what the pattern found. */
	async prints(pattern: RegExp): Promise<string> {
		const find = () => {
			if (this.#child.exitCode !== null && !pattern.test(this.printed)) throw new Error(this.printed);
			return pattern.exec(this.printed)?.[1];
		};
		return until(find, { what: String(pattern), timeoutMs: 120_000 });
	}

	/** The processes of the nodes, as they are printed. */
	get pids(): number[] {
		return [...this.printed.matchAll(/:\d+ +(\d+)$/gm)].map(([, pid]) => Number(pid));
	}

	/** Temporary files of the cluster that are there now; tsx keeps what it compiled. */
	get leftovers(): string[] {
		return readdirSync(this.temporary).filter((name) => !name.startsWith('tsx-'));
	}

	/** Sends a signal, and answers with the exit code. */
	end(signal: NodeJS.Signals): Promise<number | null> {
		this.#child.kill(signal);
		return this.ended;
	}
}

/** Tests that run the command; what is left of it ends with the test. */
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

/** Whether a process is there. */
export function lives(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
