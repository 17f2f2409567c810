import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Role } from '../../gateway/src/cluster/membership/peer.ts';
import { EtcdServer } from '../../gateway/test/etcd-server.ts';
import { makeOwnedDirectory, removeOwnedDirectory, startOwned } from '../cleanup.ts';
import { freePort } from '../free-ports.ts';
import { until } from '../until.ts';
import { type ClusterReport, fetchClusterReport } from './cluster-report.ts';
import { LocalNode, type LocalNodeOptions, type NodePlan } from './local-node.ts';

const CONVERGE_TIMEOUT_MS = 60_000;

/** Nodes in development mode accept a balancer only at these hosts, which other machines cannot reach. */
const TRUSTED_HOSTS = 'localhost,127.0.0.1';

/** The number of nodes of each role. */
export interface ClusterSize {
	/** 1 by default. Several Likes nodes require a PostgreSQL. */
	readonly likes?: number;
	/** 2 by default. */
	readonly dispatchers?: number;
	/** 3 by default. */
	readonly frontends?: number;
}

export interface LocalClusterOptions extends ClusterSize {
	/** The nodes; by default the result of {@link planNodes}. */
	readonly plans?: readonly NodePlan[];
	/** How nodes find each other: by a list of peers (the default), or by an etcd of one member. */
	readonly membership?: 'static' | 'etcd';
	/** Flags of the gateway for every node. */
	readonly flags?: readonly string[];
	/** Flags of Node.js, such as those of a profiler, for every node. */
	readonly nodeFlags?: readonly string[];
	/** Environment variables for every node, such as secrets, which a process list must not show. */
	readonly env?: Readonly<Record<string, string>>;
	/** The parent of the data directories; by default a temporary one, which is removed with the cluster. */
	readonly dataDir?: string;
	/** The ports of each node by its index, frontends first; free ports by default. `plans` have their own. */
	readonly portsOf?: PortsOf;
	/**
	 * Returns the address of one node for another, as `host:port`, for a proxy between them; undefined for the internal address
	 * of the node. Only with a list of peers: in etcd a node has one address for all.
	 */
	readonly addressOf?: (from: NodePlan, to: NodePlan) => string | undefined | Promise<string | undefined>;
	/** Returns the main file of a node; undefined for the built gateway. */
	readonly fileOf?: (node: NodePlan) => string | undefined;
	/** Called when a node ended by itself. */
	readonly onUnexpectedEnd?: LocalNodeOptions['onUnexpectedEnd'];
}

/** Returns the ports of a node by its index. */
export type PortsOf = (index: number) => Pick<NodePlan, 'port' | 'internalPort'>;

/** A running cluster on loopback, with a process for each node. */
export interface LocalCluster {
	/** Frontends, dispatchers and Likes nodes, in this order. */
	readonly nodes: readonly LocalNode[];
	readonly frontends: readonly LocalNode[];
	readonly dispatchers: readonly LocalNode[];
	readonly likes: readonly LocalNode[];
	/** The addresses for viewers. */
	readonly frontendUrls: readonly string[];
	readonly dataDir: string;
	/** The etcd of the nodes; undefined with a list of peers. */
	readonly etcd: EtcdServer | undefined;
	/** Returns a node by its name. Throws for an unknown name. */
	node(name: string): LocalNode;
	/** Reads the cluster report of a node; by default of the first running node. */
	cluster(node?: LocalNode): Promise<ClusterReport>;
	/** Resolves when all running nodes agree on the members. */
	converged(timeoutMs?: number): Promise<void>;
	/** Shuts all nodes down. A second call does nothing. */
	stop(): Promise<void>;
}

/** Starts a cluster, and resolves when all nodes are ready and agree. When the start fails it ends all nodes, and rejects. */
export async function startCluster(options: LocalClusterOptions = {}): Promise<LocalCluster> {
	const { membership = 'static', addressOf } = options;
	if (membership === 'etcd' && addressOf !== undefined)
		throw new Error('in etcd a node has one address for all others');
	const plans = options.plans ?? (await planNodes(options, options.portsOf));
	const etcd = membership === 'etcd' ? await startEtcd() : undefined;
	const dataDir = options.dataDir ?? makeOwnedDirectory();
	const env = {
		LIKEWIRE_CLUSTER_SECRET: randomBytes(24).toString('base64url'),
		LIKEWIRE_TRUSTED_HOSTS: TRUSTED_HOSTS,
		...options.env,
	};
	const nodes: LocalNode[] = [];
	for (const plan of plans) {
		const file = options.fileOf?.(plan);
		nodes.push(
			new LocalNode({
				...plan,
				dataDir: join(dataDir, plan.node),
				flags: [
					...(etcd ? ['--etcd', etcd.endpoints] : ['--peers', await peersFor(plan, plans, addressOf)]),
					...(plan.roles.includes('frontend') ? [] : ['--static-dir', 'none']),
					...(options.flags ?? []),
				],
				env,
				...(file !== undefined && { file }),
				...(options.nodeFlags && { nodeFlags: options.nodeFlags }),
				...(options.onUnexpectedEnd && { onUnexpectedEnd: options.onUnexpectedEnd }),
			}),
		);
	}
	const withRole = (role: Role) => nodes.filter(({ roles }) => roles.includes(role));
	const frontends = withRole('frontend');
	const cluster: LocalCluster = {
		nodes,
		frontends,
		dispatchers: withRole('dispatcher'),
		likes: withRole('likes'),
		frontendUrls: frontends.map(({ url }) => url),
		dataDir,
		etcd,
		node(name) {
			const found = nodes.find(({ node }) => node === name);
			if (found === undefined)
				throw new Error(`unknown node ${name}; known nodes: ${nodes.map(({ node }) => node).join()}`);
			return found;
		},
		cluster(node = nodes.find(answers)) {
			if (node === undefined) throw new Error('no node of the cluster runs');
			return fetchClusterReport(node);
		},
		async converged(timeoutMs = CONVERGE_TIMEOUT_MS) {
			let reason = '';
			try {
				const agreed = async () => {
					reason = await disagreement(nodes);
					return reason === '';
				};
				await until(agreed, { what: 'agreement', timeoutMs });
			} catch (cause) {
				throw new Error(`the nodes do not agree after ${timeoutMs} ms: ${reason}`, { cause });
			}
		},
		async stop() {
			// Frontends stop first, so that the other tiers still process what their viewers have sent.
			for (const tier of [frontends, cluster.dispatchers, cluster.likes]) {
				await Promise.all(tier.map((node) => node.stop()));
			}
			await etcd?.stop();
			if (options.dataDir === undefined) removeOwnedDirectory(dataDir);
		},
	};
	try {
		for (const node of nodes) node.launch();
		await Promise.all(nodes.map((node) => node.ready()));
		await cluster.converged();
		return cluster;
	} catch (error) {
		await Promise.all(nodes.map((node) => node.kill()));
		await cluster.stop();
		throw error;
	}
}

function startEtcd(): Promise<EtcdServer> {
	return EtcdServer.start({ directory: makeOwnedDirectory(), start: startOwned });
}

/** Returns the names and ports of nodes, frontends first. Ports are free ones by default. */
export async function planNodes(size: ClusterSize, portsOf?: PortsOf, prefix = ''): Promise<NodePlan[]> {
	const { likes = 1, dispatchers = 2, frontends = 3 } = size;
	const counts: [Role, number][] = [
		['frontend', frontends],
		['dispatcher', dispatchers],
		['likes', likes],
	];
	const plans: NodePlan[] = [];
	for (const [role, count] of counts) {
		for (let number = 1; number <= count; number++) {
			const ports = portsOf?.(plans.length) ?? { port: await freePort(), internalPort: await freePort() };
			plans.push({ node: `${prefix}${role}-${number}`, roles: [role], ...ports });
		}
	}
	return plans;
}

/** Returns the `--peers` of a node. */
async function peersFor(
	from: NodePlan,
	plans: readonly NodePlan[],
	addressOf: LocalClusterOptions['addressOf'],
): Promise<string> {
	const entries: string[] = [];
	for (const to of plans) {
		const proxy = to === from ? undefined : await addressOf?.(from, to);
		entries.push(`${to.node}=${to.roles.join('+')}@${proxy ?? `127.0.0.1:${to.internalPort}`}`);
	}
	return entries.join();
}

const answers = (node: LocalNode) => node.running && !node.paused;

/** Describes what running nodes do not agree on; empty when they agree. */
async function disagreement(nodes: readonly LocalNode[]): Promise<string> {
	const reachable = nodes.filter(answers);
	let reports: ClusterReport[];
	try {
		reports = await Promise.all(reachable.map(fetchClusterReport));
	} catch (error) {
		return String(error);
	}
	const views = new Set(reports.map(({ view }) => view));
	if (views.size > 1) return `views ${reports.map(({ node, view }) => `${view} of ${node}`).join()}`;
	for (const { node, members } of reports) {
		for (const { node: name, state } of members) {
			const present = reachable.some((one) => one.node === name);
			if (present ? !['self', 'alive', 'unknown'].includes(state) : ['alive', 'suspect'].includes(state)) {
				return `${node} takes ${name} for ${state}`;
			}
		}
	}
	return '';
}
