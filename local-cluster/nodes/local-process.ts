import type { ChildProcess } from 'node:child_process';
import { startOwned } from '../cleanup.ts';

/** The length of the kept end of the output, in characters. */
const KEPT_CHARACTERS = 64 * 1024;

/** The time after which a process that does not stop is killed, in milliseconds: longer than the longest drain of a gateway. */
const STOP_TIMEOUT_MS = 40_000;

/** The exit code or the signal of an ended process. */
export interface Exit {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
}

export interface LocalProcessOptions {
	readonly file: string;
	readonly args: readonly string[];
	/** The whole environment of the process. */
	readonly env: NodeJS.ProcessEnv;
	/** Whether to copy its standard error to that of this process. */
	readonly show?: boolean;
}

/** A process that ends at the latest with this one. */
export class LocalProcess {
	/** Resolves when it ended and its output is complete. */
	readonly ended: Promise<Exit>;
	/** Its exit; undefined while it runs. */
	exit: Exit | undefined;
	#written = '';
	readonly #child: ChildProcess;

	constructor({ file, args, env, show = false }: LocalProcessOptions) {
		this.#child = startOwned(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
		this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			this.#keep(text);
			if (show) process.stderr.write(text);
		});
		this.ended = new Promise((resolve) => {
			this.#child.once('error', ({ message }) => this.#keep(`${message}\n`));
			this.#child.once('close', (code, signal) => {
				this.exit = { code, signal };
				resolve(this.exit);
			});
		});
	}

	/** 0 when the start failed. */
	get pid(): number {
		return this.#child.pid ?? 0;
	}

	/** The end of its standard error. */
	get written(): string {
		return this.#written;
	}

	/** Sends a signal; does nothing after its end. */
	signal(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	/** Ends it with SIGKILL. */
	kill(): Promise<Exit> {
		this.signal('SIGKILL');
		return this.ended;
	}

	/** Shuts it down with SIGTERM, and resolves when it ended. Kills it after 40 s. */
	async stop(): Promise<Exit> {
		const timer = setTimeout(() => this.signal('SIGKILL'), STOP_TIMEOUT_MS);
		this.signal('SIGTERM');
		// A paused process does not receive SIGTERM.
		this.signal('SIGCONT');
		const exit = await this.ended;
		clearTimeout(timer);
		return exit;
	}

	#keep(text: string): void {
		this.#written = (this.#written + text).slice(-KEPT_CHARACTERS);
	}
}
