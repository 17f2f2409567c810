import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ROLES, type Role } from '../../gateway/src/cluster/peers.ts';
import { until } from '../until.ts';
import { type Exit, LocalProcess } from './local-process.ts';

/** The gateway as it is built. */
export const BUILT_GATEWAY = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));

/** Variables that would make a node another one than its options say. */
const NOT_INHERITED = /^(LIKEWIRE_|UWS_|VITEST|NODE_OPTIONS|NODE_V8_COVERAGE|FORCE_COLOR)/;

const START_TIMEOUT_MS = 60_000;
/** One that hangs should not hold up who asks whether it is ready. */
const ANSWER_TIMEOUT_MS = 5_000;

/** A node, and where it is to be found. */
export interface NodePlan {
	readonly node: string;
	readonly roles: readonly Role[];
	/** For viewers. */
	readonly port: number;
	/** For operators and the other nodes. */
	readonly internalPort: number;
}

export interface LocalNodeOptions extends NodePlan {
	/** Where it keeps its database; left as it is when the node ends. */
	readonly dataDir: string;
	/** Flags of the gateway, such as `['--window-ms', '20']`; they win over those that the plan makes. */
	readonly flags?: readonly string[];
	/** Flags for Node itself, such as a profiler's. */
	readonly nodeFlags?: readonly string[];
	/** Variables beside those of this process; `LIKEWIRE_` ones of this process are not handed on. */
	readonly env?: Readonly<Record<string, string>>;
	/** Its main file; the built one when not given. */
	readonly file?: string;
	/** Whether its log is shown on the standard error of this process as well. */
	readonly showLog?: boolean;
	/** Told when it ended without having been asked to. */
	readonly onUnexpectedEnd?: (node: LocalNode, exit: Exit) => void;
}

/** A built gateway in a process of its own, which can be killed, paused, and started again on the same ports and data. */
export class LocalNode implements NodePlan {
	readonly node: string;
	readonly roles: readonly Role[];
	readonly port: number;
	readonly internalPort: number;
	readonly dataDir: string;
	/** Where viewers connect: `http://127.0.0.1:8080`. */
	readonly url: string;
	/** Where operators look. */
	readonly internalUrl: string;
	/** Paused by {@link pause}: it is there, and answers nothing. */
	paused = false;
	readonly #options: LocalNodeOptions;
	#process: LocalProcess | undefined;
	#asked = false;

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

	/** How its last process ended; undefined while it runs. */
	get exit(): Exit | undefined {
		return this.#process?.exit;
	}

	/** The end of what it logged in its present or last life. */
	get log(): string {
		return this.#process?.written ?? '';
	}

	/** Starts it, and waits until it is ready. Rejects with the end of its log when it is not in time. */
	async start(): Promise<void> {
		this.launch();
		await this.ready();
	}

	/** Starts it and does not wait: for nodes that become ready together. */
	launch(): void {
		const { file = BUILT_GATEWAY, nodeFlags = [], flags = [], env = {}, showLog = false } = this.#options;
		if (this.running) throw new Error(`${this.node} runs already`);
		if (!existsSync(file)) throw new Error(`there is no ${file}; run \`npm run build\` first`);
		const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
		const started = new LocalProcess({
			file: process.execPath,
			args: [...nodeFlags, file, ...this.#flags(), ...flags],
			env: { ...Object.fromEntries(inherited), ...env },
			show: showLog,
		});
		this.#process = started;
		this.#asked = false;
		this.paused = false;
		void started.ended.then((exit) => {
			if (!this.#asked) this.#options.onUnexpectedEnd?.(this, exit);
		});
	}

	/** Waits until its `/readyz` says 200. */
	async ready(timeoutMs = START_TIMEOUT_MS): Promise<void> {
		await until(() => this.#isReady(), { what: `${this.node} to be ready`, timeoutMs }).catch((error: Error) => {
			throw new Error(`${error.message}; the end of its log:\n${this.log}`);
		});
	}

	/** Ends it in good order. */
	async stop(): Promise<Exit | undefined> {
		this.#asked = true;
		return this.#process?.stop();
	}

	/** Ends it as a power cut would. */
	async kill(): Promise<Exit | undefined> {
		this.#asked = true;
		return this.#process?.kill();
	}

	/** Settles when its present life is over; at once when it never had one. */
	async ended(): Promise<Exit | undefined> {
		return this.#process?.ended;
	}

	/** Stops its time: it keeps its sockets and answers nothing, as a machine that swaps or a process in a long collection. */
	pause(): void {
		this.paused = true;
		this.#process?.signal('SIGSTOP');
	}

	/** Lets a paused one go on. */
	continue(): void {
		this.paused = false;
		this.#process?.signal('SIGCONT');
	}

	/** Ends it in good order, and starts it again on the same ports and data. */
	async restart(): Promise<void> {
		await this.stop();
		await this.start();
	}

	#flags(): string[] {
		const { node, roles, port, internalPort, dataDir } = this;
		const values = { node, port, 'internal-port': internalPort, 'data-dir': dataDir };
		const flags = Object.entries(values).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
		// Not needed for one that does everything, and gateways of old, which the bench compares with, do not know it.
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
