import { resolve } from 'node:path';
import { findEtcd } from '../../gateway/test/etcd-server.ts';
import { startCluster } from '../nodes/local-cluster.ts';
import type { LocalNode } from '../nodes/local-node.ts';
import { hasPostgres } from '../nodes/local-postgres.ts';
import type { Exit } from '../nodes/local-process.ts';
import { type LocalRegion, startRegions } from '../nodes/local-regions.ts';
import { type PortPlan, planPorts, portsInUse } from '../nodes/port-plan.ts';
import { findHaproxy, startHaproxy } from '../proxies/haproxy.ts';
import type { StartCommand } from './cli.ts';
import type { RunningRegion } from './description.ts';

/** The names of regions, in order. */
const REGION_NAMES = ['eu', 'us', 'ap'];

export interface RunOptions {
	/** Called with each step. */
	readonly onProgress: (text: string) => void;
	/** Called when a process ended by itself, with the signal or exit code, and the end of its log. */
	readonly onEnded: (name: string, how: string | number | null, log: string) => void;
}

/** The running regions of a command. */
export interface RunningRegions {
	readonly regions: readonly RunningRegion[];
	readonly nodes: readonly LocalNode[];
	/** Shuts all processes down. */
	stop(): Promise<void>;
}

/** Starts the regions of a command. When the start fails it ends all processes, and rejects. */
export async function runCommand(command: StartCommand, options: RunOptions): Promise<RunningRegions> {
	const ports = planPorts(command.port);
	const { regions, stop } = await (command.regions === 1 ? startOne : startMany)(command, ports, options);
	const running: RunningRegion[] = [];
	try {
		for (const [index, region] of regions.entries()) {
			running.push(await withBalancer(region, ports.balancer(index), options));
		}
	} catch (error) {
		for (const { balancer } of running) await balancer?.stop();
		await stop();
		throw error;
	}
	return {
		regions: running,
		nodes: running.flatMap(({ cluster }) => cluster.nodes),
		async stop() {
			await stop();
			for (const { balancer } of running) await balancer?.stop();
		},
	};
}

/** A short drain: HAProxy retries at another node without a health check, and CTRL-C should be fast. */
const QUICK_STOP = ['--drain-min-ms', '1000'];

interface Started {
	readonly regions: readonly LocalRegion[];
	stop(): Promise<void>;
}

async function startOne(command: StartCommand, ports: PortPlan, { onProgress, onEnded }: RunOptions): Promise<Started> {
	const { likes = 1, dispatchers, frontends = 3, dataDir, etcd, flags } = command;
	await requireFreePorts(ports, 1, likes + dispatchers + frontends);
	onProgress(`Starting ${likes + dispatchers + frontends} nodes …`);
	const portsOf = ports.nodes(0);
	const cluster = await startCluster({
		likes,
		dispatchers,
		frontends,
		flags: [...QUICK_STOP, ...flags],
		membership: etcd ? 'etcd' : 'static',
		...(portsOf && { portsOf }),
		...(dataDir !== undefined && { dataDir: resolve(dataDir) }),
		onUnexpectedEnd: reportEnd(onEnded),
	});
	return { regions: [{ name: 'local', cluster, postgres: undefined }], stop: cluster.stop };
}

async function startMany(
	command: StartCommand,
	ports: PortPlan,
	{ onProgress, onEnded }: RunOptions,
): Promise<Started> {
	const { dispatchers, frontends = 2, dataDir, flags } = command;
	const names = REGION_NAMES.slice(0, command.regions);
	const store = hasPostgres() ? 'postgres' : 'sqlite';
	const likes = store === 'postgres' ? (command.likes ?? 2) : 1;
	const etcd = command.etcd || findEtcd() !== undefined;
	await requireFreePorts(ports, names.length, likes + dispatchers + frontends);
	if (store === 'sqlite') {
		onProgress(
			'PostgreSQL is not installed, so each region has one Likes node with SQLite (Debian: apt-get install postgresql).',
		);
	}
	if (!etcd) onProgress('etcd is not installed, so nodes use a list of peers (Debian: apt-get install etcd-server).');
	const servers = [...(store === 'postgres' ? ['a PostgreSQL'] : []), ...(etcd ? ['an etcd'] : [])].join(' and ');
	const each = `${likes + dispatchers + frontends} nodes${servers && `, ${servers}`} each`;
	onProgress(`Starting the regions ${names.join(' and ')} with ${each} …`);
	return startRegions({
		names,
		likes,
		dispatchers,
		frontends,
		store,
		flags: [...QUICK_STOP, ...flags],
		membership: etcd ? 'etcd' : 'static',
		portsOf: (name) => ports.nodes(names.indexOf(name)),
		...(dataDir !== undefined && { dataDir: resolve(dataDir) }),
		onUnexpectedEnd: reportEnd(onEnded),
	});
}

async function requireFreePorts(ports: PortPlan, regions: number, nodes: number): Promise<void> {
	const busy = await portsInUse(ports, regions, nodes);
	if (busy.length === 0) return;
	throw new Error(`ports in use: ${busy.join(', ')}; set another --port, or --port 0 for free ports`);
}

const reportEnd =
	(onEnded: RunOptions['onEnded']) =>
	({ node, log }: LocalNode, { code, signal }: Exit) =>
		onEnded(node, signal ?? code, log);

async function withBalancer(
	region: LocalRegion,
	port: number | undefined,
	{ onEnded }: RunOptions,
): Promise<RunningRegion> {
	if (!findHaproxy()) return { ...region, balancer: undefined };
	const balancer = await startHaproxy({
		frontends: region.cluster.frontends,
		...(port !== undefined && { port }),
		onUnexpectedEnd: (log) => onEnded('HAProxy', 'see its log', log),
	});
	return { ...region, balancer };
}
