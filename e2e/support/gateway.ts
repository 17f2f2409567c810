import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';

const MAIN = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));

/** A like as the database has it. */
export interface StoredLike {
	readonly id: string;
	readonly user: string;
	readonly type: string;
}

/**
 * A port below those that the system gives to outgoing connections: clients that try to reach a gateway that is down would
 * otherwise hit upon its own port to start from, connect to themselves, and keep it from coming back.
 */
async function freePort(): Promise<number> {
	for (;;) {
		const port = 15_000 + Math.floor(Math.random() * 15_000);
		const probe = createServer();
		const free = await new Promise<boolean>((resolve) => {
			probe.once('error', () => resolve(false));
			probe.listen(port, '127.0.0.1', () => resolve(true));
		});
		if (!free) continue;
		await new Promise((resolve) => probe.close(resolve));
		return port;
	}
}

/** A built gateway in a process and a directory of its own, which can be killed and started again. */
export class TestGateway {
	readonly dataDir = mkdtempSync(join(tmpdir(), 'likewire-'));
	/** Where viewers connect; the same after a restart. */
	url = '';
	#port: number | undefined;
	#process: ChildProcess | undefined;

	async start(): Promise<void> {
		this.#port ??= await freePort();
		const args = [
			'--port',
			String(this.#port),
			'--internal-port',
			'0',
			'--data-dir',
			this.dataDir,
			'--log-level',
			'error',
		];
		const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
		this.#process = child;
		let printed = '';
		for await (const text of child.stdout.setEncoding('utf8')) {
			printed += text;
			const [, url] = /Demo\s+(http\S+)/.exec(printed) ?? [];
			if (url === undefined) continue;
			this.url = url;
			return;
		}
		throw new Error(`the gateway did not start; it printed: ${printed}`);
	}

	/** Ends the process as a power cut would. */
	async kill(): Promise<void> {
		await this.#end('SIGKILL');
	}

	/** Ends the process in good order. */
	async stop(): Promise<void> {
		await this.#end('SIGTERM');
	}

	/** Ends the process in good order, and removes what it stored. */
	async dispose(): Promise<void> {
		await this.#end('SIGTERM');
		rmSync(this.dataDir, { recursive: true, force: true });
	}

	/** What is on the disk of a video. */
	storedLikes(video: string): StoredLike[] {
		const database = new Database(join(this.dataDir, 'likewire.db'), { readonly: true });
		try {
			return database
				.prepare<[string], StoredLike>('SELECT id, user, type FROM likes WHERE video = ? AND taken_back_at IS NULL')
				.all(video);
		} finally {
			database.close();
		}
	}

	/** Sends a like as any program would, and answers with its id once it is accepted. */
	async like(video: string, type: string, user: string): Promise<string> {
		const response = await fetch(`${this.url}/v1/videos/${video}/likes`, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json', 'X-Likewire-User': user },
			body: JSON.stringify({ id: crypto.randomUUID(), type }),
		});
		if (!response.ok) throw new Error(`the like was answered with ${response.status}`);
		return ((await response.json()) as { id: string }).id;
	}

	async #end(signal: NodeJS.Signals): Promise<void> {
		const child = this.#process;
		this.#process = undefined;
		if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
		const exit = once(child, 'exit');
		child.kill(signal);
		await exit;
	}
}
