import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { LAST_MESSAGES_MS } from './frontend/frontend-core.ts';
import type { ConnectionBound } from './http/connection-bound.ts';
import { claim, type Listener } from './http/listener.ts';
import { openInternalListener } from './listeners.ts';
import type { Node } from './node.ts';
import type { NodeRoutes } from './node-routes.ts';
import { createWorkerProcesses, type WorkerProcesses } from './process/worker-processes.ts';
import type { WorkerSetup } from './worker-app.ts';
import type { WorkerLinks } from './workers/worker-links.ts';
import { nameOf } from './workers/worker-names.ts';
import type { Workers } from './workers/workers.ts';

/** The interval between two checks for workers that hang, in milliseconds. */
const LOOK_MS = 1_000;

/**
 * A worker that is silent at this number of checks in a row is killed. Its pings come each second, and
 * late ones count, too: a busy machine delays them, and a worker that hangs sends none.
 */
const SILENT_LOOKS = 20;

/** The longest time that workers may take to stop beside the drain, in milliseconds. */
const STOP_MS = 8_000;

/**
 * The longest wait of a stop for the last batches to workers, in milliseconds. A worker that hangs is out
 * of the view after 3 s, and the stop waits no longer for it.
 */
const LAST_BATCHES_MS = 5_000;

/** The deadline of the report of a worker, in milliseconds: another node that asks for that of this node waits for both. */
const REPORT_MS = 150;

/** The address of the links of a node: between its own processes. */
const LINK_HOST = '127.0.0.1';

export interface WorkerHostOptions {
	readonly config: Config;
	readonly node: Node;
	readonly links: WorkerLinks;
	/** The number of workers. */
	readonly count: number;
	/** The program of a worker. */
	readonly file: URL;
	readonly logger: Logger;
}

/** What a host serves with. */
export interface HostServing {
	readonly routes: Pick<NodeRoutes, 'links'>;
	readonly connectionBound: ConnectionBound;
}

/** The workers of a node, as its main process runs them. */
export interface WorkerHost {
	readonly links: WorkerLinks;
	readonly workers: Workers;
	/** Whether a worker serves viewers. */
	readonly serves: boolean;
	/** Starts the workers, which then serve the public port. Rejects, with none of them left, when they cannot. */
	open(serving: HostServing): Promise<Listener>;
	/** Orders something of all workers. */
	readonly order: WorkerProcesses['order'];
	/** Sends viewers what is pending, and ends the workers with all their connections. */
	drain(spreadMs: number): Promise<void>;
	/** Ends the links. */
	close(): Promise<void>;
}

export function createWorkerHost(options: WorkerHostOptions): WorkerHost {
	const { config, node, links, logger } = options;
	const { workersFrontend } = node;
	let processes: WorkerProcesses | undefined;
	let linkListener: Listener | undefined;
	const hangs = watchHangs(links, () => processes);

	const states = () => processes?.states ?? [];
	const serving = () => states().filter(({ pid }) => pid !== undefined);

	function createProcesses(port: number, mainUrl: string): WorkerProcesses {
		return createWorkerProcesses({
			file: options.file,
			count: options.count,
			port,
			setupOf: (worker, incarnation): WorkerSetup => ({
				config: workerConfig(options),
				worker,
				incarnation,
				mainUrl,
			}),
			onLinked: links.add,
			onEnd(worker) {
				links.remove(worker);
				workersFrontend?.dropWorker(nameOf(worker));
			},
			logger,
		});
	}

	return {
		links,
		workers: {
			names: () => serving().map(({ worker }) => nameOf(worker)),
			async figures() {
				const workers = states().map(async (state) => {
					const report = state.pid === undefined ? undefined : links.calls.member(nameOf(state.worker), REPORT_MS);
					return { ...state, report: await report?.catch(() => undefined) };
				});
				return { topics: workersFrontend?.topicCount ?? 0, workers: await Promise.all(workers) };
			},
		},
		get serves() {
			return serving().length > 0;
		},
		async open({ routes, connectionBound }) {
			// Workers share the port, and would share it with another gateway.
			const port = await claim(config.host, config.port);
			links.cluster.start({ publish: () => undefined, deliver: () => undefined, onView: () => undefined });
			const { rejections } = node;
			const linkConfig = { ...config, internalHost: LINK_HOST, internalPort: 0, clusterSecret: links.secret };
			const serving = { config: linkConfig, routes: { internal: routes.links }, connectionBound, rejections, logger };
			const { listener, url } = await openInternalListener(serving);
			linkListener = listener;
			processes = createProcesses(port, url);
			await processes.start();
			// Workers stop to listen when they drain.
			return { port, stop: () => undefined, close: () => undefined };
		},
		order: (order) => processes?.order(order),
		async drain(spreadMs) {
			await links.cluster.idle(LAST_BATCHES_MS);
			await processes?.stop(spreadMs + STOP_MS);
			await workersFrontend?.idle(LAST_MESSAGES_MS);
		},
		async close() {
			clearInterval(hangs);
			workersFrontend?.close();
			await processes?.stop(0);
			await links.close();
			linkListener?.close();
		},
	};
}

/** Returns the configuration of a worker: that of a frontend, for its part of the connections. */
function workerConfig({ config, links, count }: WorkerHostOptions): Config {
	return {
		...config,
		roles: ['frontend'],
		peers: [],
		etcd: [],
		regions: [],
		advertise: '',
		clusterSecret: links.secret,
		internalHost: LINK_HOST,
		internalPort: 0,
		databasePool: 0,
		maxConnections: Math.ceil(config.maxConnections / count),
		workers: 1,
	};
}

/** Kills workers that send nothing for a long time: the kernel would give them viewers for ever. */
function watchHangs({ membership }: WorkerLinks, processes: () => WorkerProcesses | undefined): NodeJS.Timeout {
	const looks = new Map<number, number>();
	const timer = setInterval(() => {
		const { frontends, silent } = membership.view;
		for (const { worker, pid } of processes()?.states ?? []) {
			const name = nameOf(worker);
			// One that misses pings as well is no frontend of the view any more.
			const isSilent = pid !== undefined && (silent.has(name) || !frontends.has(name));
			// In checks, not by the clock: while this process stalls, it receives nothing.
			const inARow = isSilent ? (looks.get(worker) ?? 0) + 1 : 0;
			looks.set(worker, inARow);
			if (inARow < SILENT_LOOKS) continue;
			looks.delete(worker);
			processes()?.kill(worker);
		}
	}, LOOK_MS);
	timer.unref();
	return timer;
}
