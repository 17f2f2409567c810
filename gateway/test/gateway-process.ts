import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The time limit of each wait, in milliseconds, on any machine. */
const GUARD_MS = 60_000;

export interface ProcessOptions {
	readonly args?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	/** Shell commands to run before the process, such as `ulimit`. */
	readonly before?: string;
}

/** The built gateway as a separate process, which is killed at the end of the test. */
export class GatewayProcess {
	stdout = '';
	stderr = '';
	/** Its exit code and signal; undefined while it runs. */
	exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
	readonly #child: ChildProcess;

	constructor({ args = [], env = {}, before }: ProcessOptions = {}) {
		if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing; run 'npm run build'`);
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

	/** Starts a gateway, by default on free ports, and waits until it serves. */
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

	/** The printed address for viewers; empty before it is printed. */
	get url(): string {
		return /Stream\s+(http:\S+)\/v1\/stream/.exec(this.stdout)?.[1] ?? '';
	}

	get internalUrl(): string {
		return /Internal\s+(http:\S+)\/v1\/cluster/.exec(this.stdout)?.[1] ?? '';
	}

	/** The complete lines of its log. */
	get logLines(): readonly string[] {
		return this.stderr.split('\n').slice(0, -1);
	}

	kill(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	/** Waits for its end, and resolves with the exit code and the signal. */
	async ended(timeout = GUARD_MS): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
		await vi.waitUntil(() => this.exit !== undefined, { timeout, interval: 5 });
		return this.exit ?? { code: null, signal: null };
	}
}
