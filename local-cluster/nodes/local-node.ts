import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ROLES, type Role } from '../../gateway/src/cluster/membership/peer.ts';
import { until } from '../until.ts';
import { type Exit, LocalProcess } from './local-process.ts';

/** The main file of the built gateway. */
export const BUILT_GATEWAY = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));

/** Environment variables that would change the configuration of a node. */
const NOT_INHERITED = /^(LIKEWIRE_|UWS_|VITEST|NODE_OPTIONS|NODE_V8_COVERAGE|FORCE_COLOR)/;

const START_TIMEOUT_MS = 60_000;
/** The timeout of a readiness check, in milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;

/** The name, roles and ports of a node. */
export interface NodePlan {
	readonly node: string;
	readonly roles: readonly Role[];
	/** For viewers. */
	readonly port: number;
	/** For operators and the other nodes. */
	readonly internalPort: number;
}

export interface LocalNodeOptions extends NodePlan {
	/** The directory of its database, which remains when the node ends. */
	readonly dataDir: string;
	/** Flags of the gateway, such as `['--window-ms', '20']`; they override the flags of the plan. */
	readonly flags?: readonly string[];
	/** Flags of Node.js, such as those of a profiler. */
	readonly nodeFlags?: readonly string[];
	/** Additional environment variables. A node does not inherit the `LIKEWIRE_` variables of this process. */
	readonly env?: Readonly<Record<string, string>>;
	/** Its main file; the built gateway by default. */
	readonly file?: string;
	/** Whether to copy its log to the standard error of this process. */
	readonly showLog?: boolean;
	/** Called when it ended by itself. */
	readonly onUnexpectedEnd?: (node: LocalNode, exit: Exit) => void;
}

/** A process of the built gateway that can be killed, paused, and restarted with the same ports and data. */
export class LocalNode implements NodePlan {
	readonly node: string;
	readonly roles: readonly Role[];
	readonly port: number;
	readonly internalPort: number;
	readonly dataDir: string;
	/** The address for viewers: `http://127.0.0.1:8080`. */
	readonly url: string;
	/** The address for operators. */
	readonly internalUrl: string;
	/** Whether {@link pause} stopped it, so it answers nothing. */
	paused = false;
	readonly #options: LocalNodeOptions;
	#process: LocalProcess | undefined;
	#endRequested = false;

	constructor(options: LocalNodeOptions) {
		this.#options = options;
		this.node = options.node;
		this.roles = options.roles;
		this.port = options.port;
		this.internalPort = options.internalPort;
		this.dataDir = options.dataDir;
		this.url = `http://127.0.0.1:${options.port}`;
		this.internalUrl = `http://127.0.0.1:${options.internalPort}`;
	}

	get running(): boolean {
		return this.#process !== undefined && this.#process.exit === undefined;
	}

	/** 0 before the first start. */
	get pid(): number {
		return this.#process?.pid ?? 0;
	}

	/** The exit of its last process; undefined while it runs. */
	get exit(): Exit | undefined {
		return this.#process?.exit;
	}

	/** The end of the log of its current or last process. */
	get log(): string {
		return this.#process?.written ?? '';
	}

	/** Starts it, and resolves when it is ready. Rejects with the end of its log after a minute. */
	async start(): Promise<void> {
		this.launch();
		await this.ready();
	}

	/** Starts it without waiting, for nodes that become ready together. */
	launch(): void {
		const { file = BUILT_GATEWAY, nodeFlags = [], flags = [], env = {}, showLog = false } = this.#options;
		if (this.running) throw new Error(`${this.node} runs already`);
		if (!existsSync(file)) throw new Error(`${file} is missing; run \`npm run build\` first`);
		const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
		const started = new LocalProcess({
			file: process.execPath,
			args: [...nodeFlags, file, ...this.#flags(), ...flags],
			env: { ...Object.fromEntries(inherited), ...env },
			show: showLog,
		});
		this.#process = started;
		this.#endRequested = false;
		this.paused = false;
		void started.ended.then((exit) => {
			if (!this.#endRequested) this.#options.onUnexpectedEnd?.(this, exit);
		});
	}

	/** Resolves when its `/readyz` answers 200. */
	async ready(timeoutMs = START_TIMEOUT_MS): Promise<void> {
		await until(() => this.#isReady(), { what: `${this.node} to be ready`, timeoutMs }).catch((error: Error) => {
			throw new Error(`${error.message}; the end of its log:\n${this.log}`);
		});
	}

	/** Shuts it down. */
	async stop(): Promise<Exit | undefined> {
		this.#endRequested = true;
		return this.#process?.stop();
	}

	/** Ends it with SIGKILL. */
	async kill(): Promise<Exit | undefined> {
		this.#endRequested = true;
		return this.#process?.kill();
	}

	/** Resolves when its process ended; at once before the first start. */
	async ended(): Promise<Exit | undefined> {
		return this.#process?.ended;
	}

	/** Pauses its process with SIGSTOP: it keeps its sockets, and answers nothing. */
	pause(): void {
		this.paused = true;
		this.#process?.signal('SIGSTOP');
	}

	/** Continues a paused process. */
	continue(): void {
		this.paused = false;
		this.#process?.signal('SIGCONT');
	}

	/** Shuts it down, and starts it again with the same ports and data. */
	async restart(): Promise<void> {
		await this.stop();
		await this.start();
	}

	#flags(): string[] {
		const { node, roles, port, internalPort, dataDir } = this;
		const values = { node, port, 'internal-port': internalPort, 'data-dir': dataDir };
		const flags = Object.entries(values).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
		// All roles are the default. Older gateways, which the benchmark compares with, do not have the flag.
		return roles.length === ROLES.length ? flags : [...flags, '--roles', roles.join()];
	}

	async #isReady(): Promise<boolean> {
		if (this.exit !== undefined) {
			throw new Error(`${this.node} ended with ${this.exit.signal ?? this.exit.code} before it was ready`);
		}
		try {
			const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
			return (await fetch(`${this.internalUrl}/readyz`, { signal })).ok;
		} catch {
			return false;
		}
	}
}
