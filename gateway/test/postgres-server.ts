import { type ChildProcess, execFile, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { Certificate } from './certificates.ts';
import { freePort } from './free-port.ts';
import { findPostgres } from './postgres-programs.ts';

const USER = 'likewire';
const PASSWORD = 'secret-of-the-tests';

/** The time limit of a start, in milliseconds. */
const START_TIMEOUT_MS = 120_000;

/** `fast` rolls transactions back and checkpoints; `immediate` leaves recovery to the next start. */
export type StopMode = 'fast' | 'immediate';

export interface PostgresServerOptions {
	/** A port of loopback; by default a free one. */
	readonly port?: number;
	/** The parent of its directory, which `remove` removes; by default that for temporary files. */
	readonly parent?: string;
	/** A directory that `remove` keeps, with the data of earlier runs; by default a new one. */
	readonly directory?: string;
	/** The password of new data; existing data keep theirs. */
	readonly password?: string;
	/**
	 * Whether commits are on the disk, as by default in PostgreSQL.
	 *
	 * Otherwise commits are faster, but lost in a power cut.
	 */
	readonly durable?: boolean;
	/** Its certificate for clients that ask for TLS. */
	readonly certificate?: Pick<Certificate, 'cert' | 'key'>;
	/** Starts its process; `spawn` by default. */
	readonly start?: (file: string, args: readonly string[], options: SpawnOptions) => ChildProcess;
}

/** A local PostgreSQL server on a port of loopback, with separate data. */
export class PostgresServer {
	readonly port: number;
	readonly #programs: string;
	readonly #directory: string;
	readonly #options: PostgresServerOptions;
	readonly #owner: { readonly uid?: number; readonly gid?: number };
	#password = PASSWORD;
	#process: ChildProcess | undefined;
	#log = '';
	#databases = 0;

	private constructor(programs: string, port: number, options: PostgresServerOptions) {
		this.#programs = programs;
		this.#options = options;
		this.port = port;
		this.#owner = ownerOfServer();
		this.#directory = options.directory ?? mkdtempSync(join(options.parent ?? tmpdir(), 'likewire-postgres-'));
	}

	/** Creates a server and starts it. Rejects if PostgreSQL is not installed. */
	static async create(options: PostgresServerOptions = {}): Promise<PostgresServer> {
		const programs = findPostgres();
		if (programs === undefined) throw new Error("PostgreSQL is not installed; install Debian's postgresql");
		const server = new PostgresServer(programs, options.port ?? (await freePort()), options);
		server.#initialise();
		await server.start();
		return server;
	}

	/** Returns the URL of a database; by default that of the database that always exists. */
	url(database = 'postgres', password = this.#password): string {
		return `postgres://${USER}:${password}@127.0.0.1:${this.port}/${database}`;
	}

	/** The id of its process; 0 while it does not run. */
	get pid(): number {
		return this.#process?.pid ?? 0;
	}

	/** Creates an empty database, unless one of this name exists, and resolves with its URL. */
	async createDatabase(name = `test_${++this.#databases}`): Promise<string> {
		const known = await this.query('SELECT FROM pg_database WHERE datname = $1', this.url(), [name]);
		if (known.length === 0) await this.query(`CREATE DATABASE ${name}`);
		return this.url(name);
	}

	/** Begins a transaction with a statement, such as a lock. The returned function rolls it back. */
	async hold(text: string, url = this.url()): Promise<() => Promise<void>> {
		const client = new Client(url);
		await client.connect();
		await client.query('BEGIN');
		await client.query(text);
		return () => client.end();
	}

	/** Runs one of PostgreSQL's programs, such as `pg_dump`. */
	async run(program: string, ...args: string[]): Promise<void> {
		await promisify(execFile)(join(this.#programs, program), args);
	}

	/** Runs a command line in a shell with PostgreSQL's programs, and resolves with its exit code. */
	async shell(line: string, env: Readonly<Record<string, string>>): Promise<number> {
		const path = `${this.#programs}:${process.env.PATH}`;
		const shell = spawn('sh', ['-c', line], { env: { ...env, PATH: path }, stdio: 'ignore' });
		const [code] = (await once(shell, 'close')) as [number | null];
		return code ?? 1;
	}

	/** Resolves with the rows of a statement, on a separate connection. */
	async query<Row extends object>(text: string, url = this.url(), values: readonly unknown[] = []): Promise<Row[]> {
		const client = new Client(url);
		await client.connect();
		try {
			return (await client.query(text, [...values])).rows;
		} finally {
			await client.end();
		}
	}

	/** Starts the server unless it runs, and waits until it answers. */
	async start(): Promise<void> {
		if (this.#process !== undefined) return;
		const { start = spawn } = this.#options;
		// The port may change between starts. Tests need no socket in the file system.
		const args = ['-D', join(this.#directory, 'data'), '-p', String(this.port), '-k', ''];
		const child = start(join(this.#programs, 'postgres'), args, {
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

	/** Stops the server and ends its connections. */
	async stop(mode: StopMode = 'fast'): Promise<void> {
		this.signal('SIGCONT');
		await this.#end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT', [this.#process?.pid ?? 0]);
	}

	/** Kills all processes of the server at once, as a power cut would. */
	async kill(): Promise<void> {
		await this.#end('SIGKILL', this.#pids());
	}

	/** Sends a signal to all its processes: SIGSTOP suspends them, SIGCONT continues them. */
	signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
		sendTo(this.#pids(), signal);
	}

	/** Kills the server, and removes its data unless the options name their directory. */
	async remove(): Promise<void> {
		await this.kill();
		if (this.#options.directory === undefined) rmSync(this.#directory, { recursive: true, force: true });
	}

	#initialise(): void {
		const data = join(this.#directory, 'data');
		const passwordFile = join(this.#directory, 'password');
		if (existsSync(join(data, 'PG_VERSION'))) {
			this.#password = readFileSync(passwordFile, 'utf8');
			return;
		}
		const { durable = false, password = PASSWORD } = this.#options;
		this.#password = password;
		mkdirSync(this.#directory, { recursive: true });
		writeFileSync(passwordFile, password, { mode: 0o600 });
		const { uid, gid } = this.#owner;
		for (const path of [this.#directory, passwordFile]) {
			if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
		}
		execFileSync(
			join(this.#programs, 'initdb'),
			['-D', data, '-U', USER, `--pwfile=${passwordFile}`, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C', '-N'],
			{ ...this.#owner, stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#directory },
		);
		// Tests do not crash the machine, so the server need not sync. Autovacuum would disturb tests that count.
		const careless = ['fsync = off', 'autovacuum = off', 'shared_buffers = 16MB', 'deadlock_timeout = 200ms'];
		const settings = ["listen_addresses = '127.0.0.1'", ...(durable ? [] : careless)];
		writeFileSync(join(data, 'postgresql.conf'), `${settings.join('\n')}\n`, { flag: 'a' });
		if (this.#options.certificate !== undefined) this.#speakTls(data, this.#options.certificate);
	}

	/** Writes a certificate and its key to the server's files, which only the server can read. */
	#speakTls(data: string, { cert, key }: Pick<Certificate, 'cert' | 'key'>): void {
		const { uid, gid } = this.#owner;
		for (const [name, content] of Object.entries({ 'server.crt': cert, 'server.key': key })) {
			writeFileSync(join(data, name), content, { mode: 0o600 });
			if (uid !== undefined && gid !== undefined) chownSync(join(data, name), uid, gid);
		}
		writeFileSync(join(data, 'postgresql.conf'), 'ssl = on\n', { flag: 'a' });
	}

	async #answers(): Promise<boolean> {
		try {
			await this.query('SELECT 1');
			return true;
		} catch {
			return false;
		}
	}

	/** Returns the processes of the server: each connection is one. */
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
		sendTo(pids, signal);
		await ended;
	}
}

/** Returns the user of the server: for root that of the package, since PostgreSQL refuses root. */
function ownerOfServer(): { readonly uid?: number; readonly gid?: number } {
	if (process.getuid?.() !== 0) return {};
	const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
	return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Sends a signal to processes. It ignores processes that have ended, since connections come and go. */
function sendTo(pids: readonly number[], signal: NodeJS.Signals): void {
	for (const pid of pids) {
		try {
			process.kill(pid, signal);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
		}
	}
}
