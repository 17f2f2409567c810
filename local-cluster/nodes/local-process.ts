import type { ChildProcess } from 'node:child_process';
import { startOwned } from '../cleanup.ts';

/** So much of what a process wrote is kept, in characters. */
const KEPT_CHARACTERS = 64 * 1024;

/** A process that does not stop by itself is killed after this time, in milliseconds: longer than a gateway takes at most. */
const STOP_TIMEOUT_MS = 40_000;

/** How a process ended. */
export interface Exit {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
}

export interface LocalProcessOptions {
	readonly file: string;
	readonly args: readonly string[];
	/** The whole environment of the process. */
	readonly env: NodeJS.ProcessEnv;
	/** Whether what it writes to standard error is shown on that of this process as well. */
	readonly show?: boolean;
}

/** A process of this machine that ends with this one at the latest. */
export class LocalProcess {
	/** Settles when it ended and all that it wrote was read. */
	readonly ended: Promise<Exit>;
	/** How it ended; undefined while it runs. */
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

	/** 0 when it could not be started. */
	get pid(): number {
		return this.#child.pid ?? 0;
	}

	/** The end of what it wrote to standard error. */
	get written(): string {
		return this.#written;
	}

	/** Sends a signal; nothing happens when it has ended. */
	signal(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	/** Ends it at once, as a power cut would. */
	kill(): Promise<Exit> {
		this.signal('SIGKILL');
		return this.ended;
	}

	/** Asks it to end, and waits until it has; kills it when that takes far too long. */
	async stop(): Promise<Exit> {
		const timer = setTimeout(() => this.signal('SIGKILL'), STOP_TIMEOUT_MS);
		this.signal('SIGTERM');
		// One that is paused would not see it.
		this.signal('SIGCONT');
		const exit = await this.ended;
		clearTimeout(timer);
		return exit;
	}

	#keep(text: string): void {
		this.#written = (this.#written + text).slice(-KEPT_CHARACTERS);
	}
}
