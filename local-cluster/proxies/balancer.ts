import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeOwnedDirectory, removeOwnedDirectory } from '../cleanup.ts';
import { freePort } from '../free-ports.ts';
import { LocalProcess } from '../nodes/local-process.ts';
import { until } from '../until.ts';

const START_TIMEOUT_MS = 60_000;
/** The timeout of a readiness check, in milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;

/** A frontend behind a load balancer. */
export interface BalancedNode {
	readonly node: string;
	readonly port: number;
	readonly internalPort: number;
}

export interface BalancerOptions {
	readonly frontends: readonly BalancedNode[];
	/** Its port; a free port by default. */
	readonly port?: number;
	/** Called when it ended by itself, with the end of its log. */
	readonly onUnexpectedEnd?: (log: string) => void;
}

/** A running load balancer. */
export interface Balancer {
	/** The address for viewers. */
	readonly url: string;
	/** The end of its standard error, and its whole log file if it has one; also after `stop`. */
	readonly log: string;
	/** Ends it with its streams. A second call does nothing. */
	stop(): Promise<void>;
}

/** The way to start one kind of balancer. */
export interface BalancerKind {
	readonly program: string;
	/** The Debian package that installs it. */
	readonly debianPackage: string;
	/** The log file in its directory; by default it logs only to standard error. */
	readonly logFile?: string;
	/** Writes its configuration into the directory, and returns its arguments. */
	readonly configure: (directory: string, port: number) => readonly string[];
}

/** Debian installs servers in directories that are not in the PATH of users. */
const PROGRAM_DIRECTORIES = [
	...(process.env.PATH ?? '').split(delimiter),
	'/usr/sbin',
	'/usr/local/sbin',
	'/opt/homebrew/bin',
];

/** Returns the file of a program; undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
	return PROGRAM_DIRECTORIES.map((directory) => join(directory, name)).find((file) => {
		try {
			accessSync(file, constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

/** Reads a configuration of `docs/proxies`. */
export function readTemplate(name: string): string {
	return readFileSync(fileURLToPath(new URL(`../../docs/proxies/${name}`, import.meta.url)), 'utf8');
}

/** Replaces the first match of `pattern` by `text`, and removes the others. Throws without a match. */
export function fillIn(template: string, pattern: RegExp, text: string): string {
	let left = text;
	const filled = template.replace(new RegExp(pattern, 'gm'), () => {
		const first = left;
		left = '';
		return first;
	});
	if (left === text) throw new Error(`the template has no ${pattern}`);
	return filled;
}

/** Starts a balancer, and resolves when it serves. Rejects with the end of its log after a minute. */
export async function startBalancer(kind: BalancerKind, options: BalancerOptions): Promise<Balancer> {
	const file = findProgram(kind.program);
	if (file === undefined) {
		throw new Error(`${kind.program} is not installed; on Debian: apt-get install ${kind.debianPackage}`);
	}
	const port = options.port ?? (await freePort());
	const url = `http://127.0.0.1:${port}`;
	const directory = makeOwnedDirectory();
	const started = new LocalProcess({
		file,
		args: kind.configure(directory, port),
		env: process.env,
	});
	let kept: string | undefined;
	function fileLog(): string {
		if (kept !== undefined || kind.logFile === undefined) return kept ?? '';
		const path = join(directory, kind.logFile);
		return existsSync(path) ? readFileSync(path, 'utf8') : '';
	}
	let endRequested = false;
	void started.ended.then(() => {
		if (!endRequested) options.onUnexpectedEnd?.(started.written);
	});
	const balancer: Balancer = {
		url,
		get log() {
			return started.written + fileLog();
		},
		async stop() {
			endRequested = true;
			await started.stop();
			kept = fileLog();
			removeOwnedDirectory(directory);
		},
	};
	async function serves(): Promise<boolean> {
		if (started.exit !== undefined) throw new Error(`${file} ended with ${started.exit.code}`);
		try {
			return (await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })).status < 500;
		} catch {
			return false;
		}
	}
	try {
		await until(serves, { what: `${url} to serve`, timeoutMs: START_TIMEOUT_MS });
		return balancer;
	} catch (error) {
		await balancer.stop();
		throw new Error(`${String(error)}; the end of its log:\n${started.written}`);
	}
}
