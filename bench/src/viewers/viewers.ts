import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { paths } from '@likewire/protocol';
import { ended, start } from '../processes/child-processes.ts';
import type { ViewerClient } from './viewer-client.ts';
import type { ClientMessage, GroupReport } from './viewer-report.ts';

/** The sockets of one client process: below a common limit of 20,000 descriptors. */
export const MAX_SOCKETS = 18_000;

/** The directory from which `tsx` and the aliases of the repository resolve. */
const BENCH_DIR = fileURLToPath(new URL('../..', import.meta.url));

/** The longest wait for a message of a client, in milliseconds. */
const ANSWER_TIMEOUT_MS = 90_000;

/** The merged report of all client processes. */
export interface ViewersReport {
	readonly groups: ReadonlyMap<string, GroupReport>;
	/** CPU time of the clients, in seconds. */
	readonly cpuSeconds: number;
}

/** The viewers of a video, in one or more processes. */
export interface Viewers {
	/** Opens viewers of a group, and resolves when each has its snapshot. `receiveBuffer` limits the bytes of a slow reader. */
	open(group: string, count: number, receiveBuffer?: number): Promise<void>;
	/** Stops reading in a group. */
	pause(group: string): void;
	/** Continues reading in a group. */
	resume(group: string): void;
	/** Clears the counts. */
	reset(): void;
	report(): Promise<ViewersReport>;
	close(): Promise<void>;
}

interface Client {
	readonly child: ChildProcess;
	sockets: number;
	send(command: string): void;
	/** Resolves with the next message of a kind. */
	next<Event extends ClientMessage['event']>(event: Event): Promise<Extract<ClientMessage, { event: Event }>>;
}

/** A way to receive events other than the stream of a gateway. */
export interface OtherStream {
	readonly path: string;
	/** The client in Node reads event streams alone. */
	readonly protocol: 'event stream' | 'websocket' | 'socket.io';
}

/** Creates an empty set of viewers of a video, or of another stream, for the server at a port on loopback. */
export function createViewers(kind: ViewerClient, port: number, of: string | OtherStream): Viewers {
	const clients: Client[] = [];
	const stream: OtherStream =
		typeof of === 'string' ? { path: `${paths.stream}?video=${of}`, protocol: 'event stream' } : of;
	const way = stream.protocol === 'event stream' ? (kind.gzip ? ['gzip'] : []) : [stream.protocol];

	function add(): Client {
		// A source address has about 28,000 ports to one target, so each process has its own address.
		const source = `127.0.0.${clients.length + 2}`;
		const client = startClient(kind, [String(port), stream.path, source, ...way]);
		clients.push(client);
		return client;
	}

	return {
		async open(group, count, receiveBuffer = 0) {
			const settled: Promise<unknown>[] = [];
			for (let left = count; left > 0; ) {
				const client = clients.find(({ sockets }) => sockets < MAX_SOCKETS) ?? add();
				const part = Math.min(left, MAX_SOCKETS - client.sockets);
				client.sockets += part;
				left -= part;
				settled.push(client.next('settled'));
				client.send(`open ${group} ${part} ${receiveBuffer}`);
			}
			await Promise.all(settled);
		},

		pause(group) {
			for (const client of clients) client.send(`pause ${group}`);
		},

		resume(group) {
			for (const client of clients) client.send(`resume ${group}`);
		},

		reset() {
			for (const client of clients) client.send('reset');
		},

		async report() {
			const reports = await Promise.all(
				clients.map((client) => {
					const answer = client.next('report');
					client.send('report');
					return answer;
				}),
			);
			const groups = new Map<string, GroupReport>();
			for (const group of reports.flatMap((report) => report.groups)) {
				const known = groups.get(group.name);
				groups.set(group.name, known === undefined ? group : merge(known, group));
			}
			return { groups, cpuSeconds: reports.reduce((sum, { cpuMs }) => sum + cpuMs / 1000, 0) };
		},

		async close() {
			for (const { child } of clients) child.stdin?.end();
			await Promise.all(clients.map(({ child }) => ended(child, 5_000)));
		},
	};
}

function startClient(kind: ViewerClient, args: string[]): Client {
	const script = fileURLToPath(new URL('node-viewers.ts', import.meta.url));
	const [command, ...before] = kind.language === 'c' ? [kind.file] : [process.execPath, '--import', 'tsx', script];
	const child = start('load', command, [...before, ...args], { cwd: BENCH_DIR, stdio: ['pipe', 'pipe', 'inherit'] });
	const waiting: { event: string; resolve(message: ClientMessage): void }[] = [];
	if (child.stdout) {
		createInterface({ input: child.stdout }).on('line', (line) => {
			const message: ClientMessage = JSON.parse(line);
			const index = waiting.findIndex(({ event }) => event === message.event);
			for (const { resolve } of index < 0 ? [] : waiting.splice(index, 1)) resolve(message);
		});
	}
	return {
		child,
		sockets: 0,
		send: (command) => child.stdin?.write(`${command}\n`),
		next: (event) =>
			new Promise((resolve, reject) => {
				const failed = (reason: string) => reject(new Error(`the client of viewers ${reason}`));
				const timer = setTimeout(() => failed(`sent no '${event}' in time`), ANSWER_TIMEOUT_MS);
				const onExit = () => failed(`ended before it sent '${event}'`);
				child.once('exit', onExit);
				waiting.push({
					event,
					resolve(message) {
						clearTimeout(timer);
						child.off('exit', onExit);
						resolve(message as never);
					},
				});
			}),
	};
}

function merge(a: GroupReport, b: GroupReport): GroupReport {
	const sum = (x: object, y: object) =>
		Object.fromEntries(Object.entries(x).map(([key, value]) => [key, value + (y as Record<string, number>)[key]]));
	const { name, violations, lowest, highest, latency, ...counts } = a;
	const { name: _, violations: v, lowest: l, highest: h, latency: t, ...others } = b;
	const types = [...new Set([...Object.keys(highest), ...Object.keys(h)])];
	const each = (choose: (x: number, y: number) => number, x: typeof l, y: typeof l) =>
		Object.fromEntries(types.map((type) => [type, choose(x[type] ?? 0, y[type] ?? 0)]));
	return {
		...(sum(counts, others) as typeof counts),
		name,
		violations: sum(violations, v) as unknown as GroupReport['violations'],
		lowest: each(Math.min, lowest, l),
		highest: each(Math.max, highest, h),
		latency: {
			maxMs: Math.max(latency.maxMs, t.maxMs),
			sumMs: latency.sumMs + t.sumMs,
			buckets: [...latency.buckets, ...t.buckets],
		},
	};
}
