import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Nothing that is waited for takes so long, on whatever machine, in milliseconds. */
const GUARD_MS = 60_000;

export interface ProcessOptions {
	readonly args?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	/** Shell commands that the process is started behind, such as `ulimit`. */
	readonly before?: string;
}

/** The built gateway as a process of its own; whatever is left of it ends with the test. */
export class GatewayProcess {
	stdout = '';
	stderr = '';
	/** How it ended; undefined while it runs. */
	exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
	readonly #child: ChildProcess;

	constructor({ args = [], env = {}, before }: ProcessOptions = {}) {
		if (!existsSync(MAIN)) throw new Error(`there is no ${MAIN}: run 'npm run build' first`);
		const command = [process.execPath, MAIN, ...args];
		const [file = '', ...rest] =
			before === undefined ? command : ['sh', '-c', `${before}; exec "$@"`, 'sh', ...command];
		const inherited = Object.entries(process.env).filter(([name]) => !/^(LIKEWIRE|UWS|VITEST|NODE_OPTIONS)/.test(name));
		this.#child = spawn(file, rest, {
			env: { ...Object.fromEntries(inherited), ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
			this.stdout += text;
		});
		this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			this.stderr += text;
		});
		this.#child.on('close', (code, signal) => {
			this.exit = { code, signal };
		});
		onTestFinished(() => {
			this.#child.kill('SIGKILL');
		});
	}

	/** Starts a gateway that serves, on free ports unless the arguments say otherwise. */
	static async serving(dataDir: string, { args = [], ...options }: ProcessOptions = {}): Promise<GatewayProcess> {
		const defaults = ['--port', '0', '--internal-port', '0', '--static-dir', 'none', '--data-dir', dataDir];
		const gateway = new GatewayProcess({ args: [...defaults, ...args], ...options });
		await vi.waitUntil(
			() => {
				if (gateway.exit !== undefined) throw new Error(`the gateway ended: ${gateway.stderr}`);
				return gateway.internalUrl !== '';
			},
			{ timeout: GUARD_MS, interval: 5 },
		);
		return gateway;
	}

	get pid(): number {
		return this.#child.pid ?? 0;
	}

	/** Where it serves viewers, as it printed it. */
	get url(): string {
		return /Stream\s+(http:\S+)\/v1\/stream/.exec(this.stdout)?.[1] ?? '';
	}

	get internalUrl(): string {
		return /Internal\s+(http:\S+)\/v1\/cluster/.exec(this.stdout)?.[1] ?? '';
	}

	/** The lines that it logged. The last one of `stderr` is left out until its end has come. */
	get logLines(): readonly string[] {
		return this.stderr.split('\n').slice(0, -1);
	}

	kill(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	/** Waits until it ended by itself. */
	async ended(timeout = GUARD_MS): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
		await vi.waitUntil(() => this.exit !== undefined, { timeout, interval: 5 });
		return this.exit ?? { code: null, signal: null };
	}
}
