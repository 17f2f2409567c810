import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../../local-cluster/free-ports.ts';
import { until } from '../../local-cluster/until.ts';

const START_TIMEOUT_MS = 60_000;

/** The longest kept output of a member, in characters. */
const KEPT_CHARACTERS = 16 * 1024;

/** Returns the path of the installed etcd; undefined if it is missing. */
export function findEtcd(): string | undefined {
	const places = (process.env.PATH ?? '').split(delimiter);
	return places
		.map((place) => join(place, 'etcd'))
		.find((file) => {
			try {
				accessSync(file, constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
}

export interface EtcdOptions {
	/** The number of members; 1 by default. */
	readonly members?: number;
	/** Files in PEM. With them, members serve https, and require a client certificate of the same `ca`. */
	readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
	/** The directory of the members' data, removed at the end; by default a new temporary one. */
	readonly directory?: string;
	/** Starts a process; `spawn` by default. */
	readonly start?: (file: string, args: readonly string[], options: SpawnOptions) => ChildProcess;
}

interface MemberPlan {
	readonly name: string;
	readonly port: number;
	readonly peerPort: number;
	readonly metricsPort: number;
}

/** A member of a local etcd, on loopback. */
export class EtcdMember {
	readonly name: string;
	readonly endpoint: string;
	readonly #args: readonly string[];
	readonly #dataDir: string;
	readonly #metricsUrl: string;
	readonly #options: EtcdOptions;
	#child: ChildProcess | undefined;
	#written = '';

	constructor(plan: MemberPlan, plans: readonly MemberPlan[], directory: string, options: EtcdOptions) {
		const { name, port, peerPort, metricsPort } = plan;
		const { tls } = options;
		this.name = name;
		this.endpoint = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
		this.#metricsUrl = `http://127.0.0.1:${metricsPort}`;
		this.#dataDir = join(directory, name);
		this.#options = options;
		const peerUrl = ({ peerPort: at }: MemberPlan) => `http://127.0.0.1:${at}`;
		this.#args = Object.entries({
			name,
			'data-dir': this.#dataDir,
			'listen-client-urls': this.endpoint,
			'advertise-client-urls': this.endpoint,
			'listen-peer-urls': `http://127.0.0.1:${peerPort}`,
			'initial-advertise-peer-urls': peerUrl(plan),
			'initial-cluster': plans.map((one) => `${one.name}=${peerUrl(one)}`).join(),
			'listen-metrics-urls': this.#metricsUrl,
			'log-level': 'warn',
			// The tests' passwords are no secrets, and etcd checks them often.
			'bcrypt-cost': '4',
			...(tls && {
				'client-cert-auth': 'true',
				'trusted-ca-file': tls.ca,
				'cert-file': tls.cert,
				'key-file': tls.key,
			}),
		}).map(([flag, value]) => `--${flag}=${value}`);
	}

	/** Starts its process; `ready` waits until it is healthy. */
	start(): void {
		const file = findEtcd();
		if (file === undefined) throw new Error('etcd is not installed; on Debian: apt-get install etcd-server');
		const child = (this.#options.start ?? spawn)(file, this.#args, { stdio: ['ignore', 'ignore', 'pipe'] });
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			this.#written = (this.#written + text).slice(-KEPT_CHARACTERS);
		});
		this.#child = child;
	}

	/** Waits until it has a leader. Rejects with the end of its log if it has none in time. */
	async ready(): Promise<void> {
		await until(() => this.#isHealthy(), { what: `${this.name} to be healthy`, timeoutMs: START_TIMEOUT_MS }).catch(
			(error: Error) => {
				throw new Error(`${error.message}; the end of its log:\n${this.#written}`);
			},
		);
	}

	/** Resolves with whether it is the leader. */
	async leads(): Promise<boolean> {
		const metrics = await (await fetch(`${this.#metricsUrl}/metrics`)).text();
		return /^etcd_server_is_leader 1$/m.test(metrics);
	}

	get running(): boolean {
		return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
	}

	/** Kills it, as a power cut would, and waits for its end. */
	async kill(): Promise<void> {
		const child = this.#child;
		if (child === undefined || !this.running) return;
		const gone = new Promise((resolve) => child.once('exit', resolve));
		child.kill('SIGKILL');
		await gone;
	}

	/** Suspends it: it keeps its sockets and does not answer. */
	pause(): void {
		this.#child?.kill('SIGSTOP');
	}

	continue(): void {
		this.#child?.kill('SIGCONT');
	}

	/** Removes its data, while it does not run. */
	wipe(): void {
		rmSync(this.#dataDir, { recursive: true, force: true });
	}

	async #isHealthy(): Promise<boolean> {
		if (typeof this.#child?.exitCode === 'number') throw new Error(`${this.name} ended with ${this.#child.exitCode}`);
		try {
			const response = await fetch(`${this.#metricsUrl}/health`, { signal: AbortSignal.timeout(1_000) });
			return response.ok;
		} catch {
			return false;
		}
	}
}

/** A real etcd of one or more members, each a separate process. */
export class EtcdServer {
	readonly members: readonly EtcdMember[];
	readonly #directory: string;

	private constructor(members: readonly EtcdMember[], directory: string) {
		this.members = members;
		this.#directory = directory;
	}

	/**
	 * Starts all members, and waits until they have a leader.
	 *
	 * On a failure, removes everything and rejects.
	 */
	static async start(options: EtcdOptions = {}): Promise<EtcdServer> {
		const { members = 1, directory = mkdtempSync(join(tmpdir(), 'likewire-etcd-')) } = options;
		const plans: MemberPlan[] = [];
		for (let number = 1; number <= members; number++) {
			const [port, peerPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
			plans.push({ name: `etcd-${number}`, port, peerPort, metricsPort });
		}
		const all = plans.map((plan) => new EtcdMember(plan, plans, directory, options));
		const server = new EtcdServer(all, directory);
		try {
			await server.restart();
			return server;
		} catch (error) {
			await server.stop();
			throw error;
		}
	}

	/** The addresses for clients, separated by commas. */
	get endpoints(): string {
		return this.members.map(({ endpoint }) => endpoint).join();
	}

	/** The only member, or the first. */
	get first(): EtcdMember {
		return this.members[0] as EtcdMember;
	}

	/** Starts all members that do not run. */
	async restart(): Promise<void> {
		for (const member of this.members) if (!member.running) member.start();
		await Promise.all(this.members.map((member) => member.ready()));
	}

	/** Kills all members, as a power cut would; their data stay. */
	async kill(): Promise<void> {
		await Promise.all(this.members.map((member) => member.kill()));
	}

	/** Resolves with the members, the leader first. */
	async byLead(): Promise<EtcdMember[]> {
		const leads = new Map<EtcdMember, boolean>();
		for (const member of this.members) leads.set(member, await member.leads());
		return [...this.members].sort((a, b) => Number(leads.get(b)) - Number(leads.get(a)));
	}

	/** Kills all members, and removes their data. */
	async stop(): Promise<void> {
		await this.kill();
		rmSync(this.#directory, { recursive: true, force: true });
	}
}
