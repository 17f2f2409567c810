import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../../local-cluster/cleanup.ts';
import { freePort } from '../../../local-cluster/free-ports.ts';
import { findNginx } from '../../../local-cluster/proxies/nginx.ts';
import { until } from '../bench-environment.ts';
import { ended, start } from '../processes/child-processes.ts';

/** Where Debian and others install modules of nginx. */
const MODULES = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules', '/usr/share/nginx/modules'].map((directory) =>
	join(directory, 'ngx_nchan_module.so'),
);

const START_TIMEOUT_MS = 60_000;

/** The installed nginx with the module of Nchan. */
export interface InstalledNchan {
	readonly nginx: string;
	readonly module: string;
}

/** Returns the programs of Nchan, or why they cannot be used. */
export function findNchan(): InstalledNchan | { readonly missing: string } {
	const nginx = findNginx();
	if (nginx === undefined) return { missing: 'nginx is not installed; on Debian: apt-get install nginx-light' };
	const module = MODULES.find((file) => existsSync(file));
	if (module !== undefined) return { nginx, module };
	return { missing: 'nginx has no module Nchan; on Debian: apt-get install libnginx-mod-nchan' };
}

/** A running nginx with Nchan. */
export interface Nchan {
	readonly port: number;
	/** The process that has the viewers. */
	readonly pid: number;
	close(): Promise<void>;
}

/** Starts nginx with one worker for this number of viewers. */
export async function startNchan({ nginx, module }: InstalledNchan, viewers: number): Promise<Nchan> {
	const directory = makeOwnedDirectory();
	const port = await freePort();
	const file = join(directory, 'nginx.conf');
	writeFileSync(file, config(directory, module, port, viewers));
	const child = start('server', nginx, ['-p', directory, '-e', 'stderr', '-c', file], {
		stdio: ['ignore', 'ignore', 'inherit'],
	});
	const { pid } = child;
	async function close(): Promise<void> {
		child.kill('SIGTERM');
		await ended(child, 5_000);
		removeOwnedDirectory(directory);
	}
	let worker: number | undefined;
	// The master listens, and then starts its worker.
	const hasWorker = () => {
		worker = pid === undefined || child.exitCode !== null ? undefined : firstChildOf(pid);
		return worker !== undefined;
	};
	await until(async () => child.exitCode !== null || ((await isServed(port)) && hasWorker()), START_TIMEOUT_MS, 20);
	if (worker === undefined) {
		await close();
		throw new Error('nginx with Nchan did not start');
	}
	return { port, pid: worker, close };
}

function config(directory: string, module: string, port: number, viewers: number): string {
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
	return `
load_module ${module};
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
worker_rlimit_nofile ${viewers + 1_000};
pid ${join(directory, 'nginx.pid')};
error_log stderr error;
events { worker_connections ${2 * viewers + 100}; }
http {
	access_log off;
	${temporary.map((kind) => `${kind}_temp_path ${join(directory, kind)};`).join(' ')}
	# Enough for every message of a run: a viewer must not miss one that left the buffer.
	nchan_shared_memory_size 512M;
	nchan_message_buffer_length 10000;
	nchan_message_timeout 10m;
	server {
		listen 127.0.0.1:${port} backlog=4096;
		location = /publish {
			nchan_publisher;
			nchan_channel_id bench;
		}
		location = /stream {
			nchan_subscriber eventsource;
			nchan_channel_id bench;
			nchan_eventsource_event likes;
			nchan_subscriber_first_message -1;
		}
	}
}
`;
}

function isServed(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ host: '127.0.0.1', port });
		socket.once('connect', () => resolve(true));
		socket.once('error', () => resolve(false));
		socket.once('close', () => resolve(false));
		socket.once('connect', () => socket.destroy());
	});
}

/** Returns the first child of a process; undefined without one. */
function firstChildOf(pid: number): number | undefined {
	const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/) ?? [];
	return child === undefined ? undefined : Number(child);
}
