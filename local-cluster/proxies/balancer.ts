import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeOwnedDirectory, removeOwnedDirectory } from '../cleanup.ts';
import { freePort } from '../free-ports.ts';
import { LocalProcess } from '../nodes/local-process.ts';
import { until } from '../until.ts';

const START_TIMEOUT_MS = 60_000;
/** One that hangs is asked again. */
const ANSWER_TIMEOUT_MS = 5_000;

/** A frontend, as a load balancer has to know it. */
export interface BalancedNode {
	readonly node: string;
	readonly port: number;
	readonly internalPort: number;
}

export interface BalancerOptions {
	readonly frontends: readonly BalancedNode[];
	/** Where it listens; a free port when not given. */
	readonly port?: number;
	/** Told when it ended without having been asked to, with the end of its log. */
	readonly onUnexpectedEnd?: (log: string) => void;
}

/** A load balancer that runs. */
export interface Balancer {
	/** Where viewers connect. */
	readonly url: string;
	/** The end of what it logged, and all of its log file if it has one; also after it was stopped. */
	readonly log: string;
	/** Ends it, and its streams with it; may be called twice. */
	stop(): Promise<void>;
}

/** How to start one kind of balancer in a directory of its own. */
export interface BalancerKind {
	readonly program: string;
	/** What Debian calls the package that brings it. */
	readonly debianPackage: string;
	/** A file of its directory that it logs to, beside standard error; none when not given. */
	readonly logFile?: string;
	/** Writes what it needs into the directory, and returns its arguments. */
	readonly configure: (directory: string, port: number) => readonly string[];
}

/** Debian keeps servers where only root looks. */
const PLACES = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];

/** The file of a program of this machine; undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
	return PLACES.map((place) => join(place, name)).find((file) => {
		try {
			accessSync(file, constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

/** Text of a configuration of `docs/proxies`. */
export function readTemplate(name: string): string {
	return readFileSync(fileURLToPath(new URL(`../../docs/proxies/${name}`, import.meta.url)), 'utf8');
}

/** Puts `text` where `pattern` first is, and nothing where it is again. Throws when it is nowhere. */
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

/** Starts a balancer, and waits until it serves. Rejects with the end of its log when it does not. */
export async function startBalancer(kind: BalancerKind, options: BalancerOptions): Promise<Balancer> {
	const file = findProgram(kind.program);
	if (file === undefined) {
		throw new Error(`there is no ${kind.program}; on Debian: apt-get install ${kind.debianPackage}`);
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
	let asked = false;
	void started.ended.then(() => {
		if (!asked) options.onUnexpectedEnd?.(started.written);
	});
	const balancer: Balancer = {
		url,
		get log() {
			return started.written + fileLog();
		},
		async stop() {
			asked = true;
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
