import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base } from '@playwright/test';
import { until } from '../cluster/until.ts';
import { postLike } from '../support/post-like.ts';
import { expect, Player } from '../support/test.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/cluster.mjs', import.meta.url));

/** What `npm run cluster` runs, in a process. */
class ClusterCommand {
	printed = '';
	/** Where it and its nodes may leave temporary files. */
	readonly temporary = mkdtempSync(join(tmpdir(), 'cluster-command-'));
	/** Settles with its exit code. */
	readonly ended: Promise<number | null>;
	readonly #child: ChildProcess;

	constructor(...args: string[]) {
		// A variable of the person who runs it, which is no setting: nodes that got it would not start.
		const env = { ...process.env, TMPDIR: this.temporary, LIKEWIRE_NO_SETTING: '1' };
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
		return until(find, { what: String(pattern), timeoutMs: 40_000 });
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

const test = base.extend<{ run: (...args: string[]) => ClusterCommand }>({
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
function lives(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

test('npm run cluster serves the demo, says when a node is gone, and stops in good order', async ({ page, run }) => {
	const command = run('--port', '0', '--frontends', '2', '--', '--log-level', 'warn');
	const demo = await command.prints(/Demo +(http\S+)/);
	const report = await command.prints(/Cluster +(http\S+\/v1\/cluster)/);
	await command.prints(/(CTRL-C)/);
	expect(command.pids).toHaveLength(5);

	const { members } = (await (await fetch(report)).json()) as { members: { node: string }[] };
	expect(members.map(({ node }) => node).sort()).toEqual([
		'dispatcher-1',
		'dispatcher-2',
		'frontend-1',
		'frontend-2',
		'likes-1',
	]);
	await page.goto(demo);
	const player = new Player(page);
	await expect(player.state).toHaveAttribute('data-state', 'live');
	await player.button('heart').click();
	await postLike(demo, { video: 'demo', type: 'wow', user: 'somebody' });
	await expect(player.total).toHaveAttribute('data-value', '2');

	const dispatcher = Number(await command.prints(/dispatcher-1 .* (\d+)$/m));
	process.kill(dispatcher, 'SIGKILL');
	await command.prints(/(dispatcher-1 ended by itself \(SIGKILL\))/);
	await postLike(demo, { video: 'demo', type: 'wow', user: 'somebody' });
	await expect(player.total).toHaveAttribute('data-value', '3');

	expect(await command.end('SIGTERM')).toBe(0);
	expect(command.printed, 'nobody else ended by itself').not.toMatch(/frontend-\d ended|likes-1 ended|HAProxy ended/);
	expect(command.pids.filter(lives)).toEqual([]);
	expect(command.leftovers).toEqual([]);
});

test('nothing of a cluster outlives its command, even one that is killed', async ({ run }) => {
	const command = run('--port', '0', '--frontends', '1', '--dispatchers', '1');
	await command.prints(/(CTRL-C)/);
	const { pids } = command;
	expect(pids.filter(lives)).toHaveLength(3);
	await command.end('SIGKILL');
	await expect.poll(() => pids.filter(lives)).toEqual([]);
	await expect.poll(() => command.leftovers).toEqual([]);
});

test('npm run cluster says what is wrong with its arguments', async ({ run }) => {
	const command = run('--frontends', '0', '--port', 'high', '--bogus', 'stray');
	await command.prints(/(--bogus is not a flag)/);
	expect(await command.ended).toBe(1);
	expect(command.printed).toContain("'stray' is not a flag");
	expect(command.printed).toContain('--frontends should be a whole number from 1 to 32');
	expect(command.printed).toContain('--port should be a whole number from 0 to 31000');
});
