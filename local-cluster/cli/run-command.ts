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

/** Regions have these names, in this order. */
const REGION_NAMES = ['eu', 'us', 'ap'];

export interface RunOptions {
	/** Told what is being done. */
	readonly say: (text: string) => void;
	/** Told when a process ended without having been asked to, how, and the end of its log. */
	readonly onEnded: (name: string, how: string | number | null, log: string) => void;
}

/** What a command asked for, as it runs. */
export interface Running {
	readonly regions: readonly RunningRegion[];
	readonly nodes: readonly LocalNode[];
	/** Ends all of it in good order. */
	stop(): Promise<void>;
}

/** Starts what a command asks for. Rejects, with nothing left, when that does not come up. */
export async function runCommand(command: StartCommand, options: RunOptions): Promise<Running> {
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

/** Its HAProxy finds another node without its checks, and CTRL-C should not take long. */
const QUICK_STOP = ['--drain-min-ms', '1000'];

interface Started {
	readonly regions: readonly LocalRegion[];
	stop(): Promise<void>;
}

async function startOne(command: StartCommand, ports: PortPlan, { say, onEnded }: RunOptions): Promise<Started> {
	const { likes = 1, dispatchers, frontends = 3, dataDir, etcd, flags } = command;
	await mustBeFree(ports, 1, likes + dispatchers + frontends);
	say(`Starting ${likes + dispatchers + frontends} nodes …`);
	const portsOf = ports.nodes(0);
	const cluster = await startCluster({
		likes,
		dispatchers,
		frontends,
		flags: [...QUICK_STOP, ...flags],
		membership: etcd ? 'etcd' : 'static',
		...(portsOf && { portsOf }),
		...(dataDir !== undefined && { dataDir: resolve(dataDir) }),
		onUnexpectedEnd: tellOf(onEnded),
	});
	return { regions: [{ name: 'local', cluster, postgres: undefined }], stop: cluster.stop };
}

async function startMany(command: StartCommand, ports: PortPlan, { say, onEnded }: RunOptions): Promise<Started> {
	const { dispatchers, frontends = 2, dataDir, flags } = command;
	const names = REGION_NAMES.slice(0, command.regions);
	const store = hasPostgres() ? 'postgres' : 'sqlite';
	const likes = store === 'postgres' ? (command.likes ?? 2) : 1;
	const etcd = command.etcd || findEtcd() !== undefined;
	await mustBeFree(ports, names.length, likes + dispatchers + frontends);
	if (store === 'sqlite') {
		say('There is no PostgreSQL, so each region has one Likes node, with SQLite (Debian: apt-get install postgresql).');
	}
	if (!etcd) say('There is no etcd, so nodes are told a list of each other (Debian: apt-get install etcd-server).');
	const servers = [...(store === 'postgres' ? ['a PostgreSQL'] : []), ...(etcd ? ['an etcd'] : [])].join(' and ');
	const each = `${likes + dispatchers + frontends} nodes${servers && `, ${servers}`} each`;
	say(`Starting the regions ${names.join(' and ')} with ${each} …`);
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
		onUnexpectedEnd: tellOf(onEnded),
	});
}

async function mustBeFree(ports: PortPlan, regions: number, nodes: number): Promise<void> {
	const busy = await portsInUse(ports, regions, nodes);
	if (busy.length === 0) return;
	throw new Error(`in use: port ${busy.join(', ')}; --port starts elsewhere, --port 0 takes free ones`);
}

const tellOf =
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
		onUnexpectedEnd: (log) => onEnded('HAProxy', 'its log says why', log),
	});
	return { ...region, balancer };
}
