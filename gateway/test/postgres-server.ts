import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	accessSync,
	chownSync,
	constants,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';
import { freePort } from './free-port.ts';

const USER = 'likewire';
const PASSWORD = 'secret-of-the-tests';

/** Where Debian keeps the programs, by release. */
const DEBIAN_PLACE = '/usr/lib/postgresql';

/** A server that does not answer after so many milliseconds will not. */
const START_TIMEOUT_MS = 30_000;

/** The directory of PostgreSQL's programs; undefined when it is not installed. */
export function findPostgres(): string | undefined {
	const debian = readDirectory(DEBIAN_PLACE)
		.sort((a, b) => Number(b) - Number(a))
		.map((version) => join(DEBIAN_PLACE, version, 'bin'));
	return [...(process.env.PATH ?? '').split(delimiter), ...debian].find((place) => {
		try {
			accessSync(join(place, 'initdb'), constants.X_OK);
			accessSync(join(place, 'postgres'), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

function readDirectory(path: string): string[] {
	try {
		return readdirSync(path);
	} catch {
		return [];
	}
}

/** How it ends: `fast` undoes what runs and closes the books; `immediate` leaves them to the next start, as a crash does. */
export type StopMode = 'fast' | 'immediate';

export interface PostgresServerOptions {
	/** Where its data lies; in the directory for temporary files when not given. */
	readonly parent?: string;
	/** As its package has it: what is committed is on the disk. Faster, and lost with the machine's power, when not. */
	readonly durable?: boolean;
}

/** A PostgreSQL of this machine on a port of loopback, with data of its own in a temporary directory. */
export class PostgresServer {
	readonly port: number;
	readonly #programs: string;
	readonly #directory: string;
	readonly #owner: { readonly uid?: number; readonly gid?: number };
	#process: ChildProcess | undefined;
	#log = '';
	#databases = 0;

	private constructor(programs: string, port: number, parent: string) {
		this.#programs = programs;
		this.port = port;
		this.#owner = ownerOfServer();
		this.#directory = mkdtempSync(join(parent, 'likewire-postgres-'));
		const { uid, gid } = this.#owner;
		if (uid !== undefined && gid !== undefined) chownSync(this.#directory, uid, gid);
	}

	/** Makes a server and starts it. Rejects when PostgreSQL is not installed. */
	static async create({ parent = tmpdir(), durable = false }: PostgresServerOptions = {}): Promise<PostgresServer> {
		const programs = findPostgres();
		if (programs === undefined) throw new Error("there is no PostgreSQL: install Debian's postgresql");
		const server = new PostgresServer(programs, await freePort(), parent);
		server.#initialise(durable);
		await server.start();
		return server;
	}

	/** Where a database is; the one that is always there when none is named. */
	url(database = 'postgres', password = PASSWORD): string {
		return `postgres://${USER}:${password}@127.0.0.1:${this.port}/${database}`;
	}

	/** Makes an empty database and returns where it is. */
	async createDatabase(): Promise<string> {
		const name = `test_${++this.#databases}`;
		await this.query(`CREATE DATABASE ${name}`);
		return this.url(name);
	}

	/** The rows that a statement answers, on a connection of its own. */
	async query<Row extends object>(text: string, url = this.url(), values: readonly unknown[] = []): Promise<Row[]> {
		const client = new Client(url);
		await client.connect();
		try {
			return (await client.query(text, [...values])).rows;
		} finally {
			await client.end();
		}
	}

	/** Starts it, if it does not run, and waits until it answers. */
	async start(): Promise<void> {
		if (this.#process !== undefined) return;
		const child = spawn(join(this.#programs, 'postgres'), ['-D', join(this.#directory, 'data')], {
			...this.#owner,
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		this.#process = child;
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			this.#log = (this.#log + text).slice(-10_000);
		});
		child.once('exit', () => {
			if (this.#process === child) this.#process = undefined;
		});
		const deadline = Date.now() + START_TIMEOUT_MS;
		while (!(await this.#answers())) {
			if (this.#process === undefined || Date.now() > deadline) throw new Error(`no PostgreSQL: ${this.#log}`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}

	/** Ends it, with its connections. */
	async stop(mode: StopMode = 'fast'): Promise<void> {
		this.signal('SIGCONT');
		await this.#end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT', [this.#process?.pid ?? 0]);
	}

	/** Kills all of it at once, as a machine that loses its power would. */
	async kill(): Promise<void> {
		await this.#end('SIGKILL', this.#pids());
	}

	/** Sends a signal to all of its processes: SIGSTOP, and SIGCONT to go on. */
	signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
		for (const pid of this.#pids()) process.kill(pid, signal);
	}

	/** Ends it and removes its data. */
	async remove(): Promise<void> {
		await this.kill();
		rmSync(this.#directory, { recursive: true, force: true });
	}

	#initialise(durable: boolean): void {
		const passwordFile = join(this.#directory, 'password');
		writeFileSync(passwordFile, PASSWORD);
		const { uid, gid } = this.#owner;
		if (uid !== undefined && gid !== undefined) chownSync(passwordFile, uid, gid);
		const data = join(this.#directory, 'data');
		execFileSync(
			join(this.#programs, 'initdb'),
			['-D', data, '-U', USER, `--pwfile=${passwordFile}`, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C', '-N'],
			{ ...this.#owner, stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#directory },
		);
		// A crash of the machine is not played in tests, so nothing has to be synced; and nobody tidies up while one counts.
		const careless = ['fsync = off', 'autovacuum = off', 'shared_buffers = 16MB', 'deadlock_timeout = 200ms'];
		const settings = [
			`port = ${this.port}`,
			"listen_addresses = '127.0.0.1'",
			`unix_socket_directories = '${this.#directory}'`,
			...(durable ? [] : careless),
		];
		writeFileSync(join(data, 'postgresql.conf'), `${settings.join('\n')}\n`, { flag: 'a' });
	}

	async #answers(): Promise<boolean> {
		try {
			await this.query('SELECT 1');
			return true;
		} catch {
			return false;
		}
	}

	/** The server and what it started: each connection is a process. */
	#pids(): number[] {
		const pid = this.#process?.pid;
		if (pid === undefined) return [];
		const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
		return [pid, ...children.split(' ').filter(Boolean).map(Number)];
	}

	async #end(signal: NodeJS.Signals, pids: readonly number[]): Promise<void> {
		const child = this.#process;
		if (child === undefined) return;
		const ended = once(child, 'exit');
		for (const pid of pids) {
			try {
				process.kill(pid, signal);
			} catch {
				// It was faster.
			}
		}
		await ended;
	}
}

/** PostgreSQL refuses to run as root: it runs as the user that its package made then. */
function ownerOfServer(): { readonly uid?: number; readonly gid?: number } {
	if (process.getuid?.() !== 0) return {};
	const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
	return { uid: idOf('-u'), gid: idOf('-g') };
}
