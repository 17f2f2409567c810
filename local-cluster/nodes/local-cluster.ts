import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Role } from '../../gateway/src/cluster/peers.ts';
import { EtcdServer } from '../../gateway/test/etcd-server.ts';
import { makeOwnedDirectory, removeOwnedDirectory, startOwned } from '../cleanup.ts';
import { freePort } from '../free-ports.ts';
import { until } from '../until.ts';
import { type ClusterReport, fetchClusterReport } from './cluster-report.ts';
import { LocalNode, type LocalNodeOptions, type NodePlan } from './local-node.ts';

const CONVERGE_TIMEOUT_MS = 60_000;

/** Its nodes are in development mode, and serve a balancer of this machine: at these hosts, where no other machine sees it. */
const TRUSTED_HOSTS = 'localhost,127.0.0.1';

/** How many nodes of each role. */
export interface ClusterSize {
	/** Likes nodes; 1 when not given. More want a database that they can share. */
	readonly likes?: number;
	/** 2 when not given. */
	readonly dispatchers?: number;
	/** 3 when not given. */
	readonly frontends?: number;
}

export interface LocalClusterOptions extends ClusterSize {
	/** Its nodes, as {@link planNodes} makes them; it does when not given. */
	readonly plans?: readonly NodePlan[];
	/** Where nodes learn of each other: a list that each is given, which is the default, or an etcd of one member. */
	readonly membership?: 'static' | 'etcd';
	/** Flags of the gateway for every node. */
	readonly flags?: readonly string[];
	/** Flags for Node itself, such as a profiler's, for every node. */
	readonly nodeFlags?: readonly string[];
	/** Variables for every node, such as secrets, which a list of processes should not show. */
	readonly env?: Readonly<Record<string, string>>;
	/** Where each node gets a directory; a temporary one, which ends with the cluster, when not given. */
	readonly dataDir?: string;
	/** The ports of the node with this index, frontends first; free ones when not given. Plans have theirs. */
	readonly portsOf?: PortsOf;
	/**
	 * Where a node is told that it finds another one, as `host:port`: for a proxy between the two. The internal address of
	 * the other one when it returns undefined. Only with a list: in etcd a node has one address for all.
	 */
	readonly addressOf?: (from: NodePlan, to: NodePlan) => string | undefined | Promise<string | undefined>;
	/** The main file of a node; the built one when not given, or when it returns undefined. */
	readonly fileOf?: (node: NodePlan) => string | undefined;
	/** Told when a node ended without having been asked to. */
	readonly onUnexpectedEnd?: LocalNodeOptions['onUnexpectedEnd'];
}

/** The ports of the node with this index. */
export type PortsOf = (index: number) => Pick<NodePlan, 'port' | 'internalPort'>;

/** A cluster of this machine: a process for each node, on loopback. */
export interface LocalCluster {
	/** Frontends, dispatchers, likes nodes, in this order. */
	readonly nodes: readonly LocalNode[];
	readonly frontends: readonly LocalNode[];
	readonly dispatchers: readonly LocalNode[];
	readonly likes: readonly LocalNode[];
	/** Where viewers connect. */
	readonly frontendUrls: readonly string[];
	readonly dataDir: string;
	/** The etcd that the nodes know each other from; undefined when they have a list. */
	readonly etcd: EtcdServer | undefined;
	/** The node of this name. Throws when there is none. */
	node(name: string): LocalNode;
	/** What a node says of the cluster; the first one that runs when none is named. */
	cluster(node?: LocalNode): Promise<ClusterReport>;
	/** Waits until all nodes that run agree on who is there. */
	converged(timeoutMs?: number): Promise<void>;
	/** Ends all nodes in good order; may be called twice. */
	stop(): Promise<void>;
}

/** Starts a cluster, and waits until every node is ready and all agree. Rejects, with nothing left, when one does not come up. */
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
				throw new Error(`there is no ${name}; there are ${nodes.map(({ node }) => node).join()}`);
			return found;
		},
		cluster(node = nodes.find(answers)) {
			if (node === undefined) throw new Error('no node of the cluster runs');
			return fetchClusterReport(node);
		},
		async converged(timeoutMs = CONVERGE_TIMEOUT_MS) {
			let doubt = '';
			try {
				const agreed = async () => {
					doubt = await disagreement(nodes);
					return doubt === '';
				};
				await until(agreed, { what: 'agreement', timeoutMs });
			} catch (cause) {
				throw new Error(`the nodes do not agree after ${timeoutMs} ms: ${doubt}`, { cause });
			}
		},
		async stop() {
			// The way of a like: viewers are told goodbye while there is still somebody to take what they have sent.
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

/** Names nodes and finds ports for them, free ones unless others are named; frontends come first. */
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

/** The list of all nodes, as one of them is told it. */
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

/** On what the nodes that run do not agree; empty when on everything. */
async function disagreement(nodes: readonly LocalNode[]): Promise<string> {
	const there = nodes.filter(answers);
	let reports: ClusterReport[];
	try {
		reports = await Promise.all(there.map(fetchClusterReport));
	} catch (error) {
		return String(error);
	}
	const views = new Set(reports.map(({ view }) => view));
	if (views.size > 1) return `views ${reports.map(({ node, view }) => `${view} of ${node}`).join()}`;
	for (const { node, members } of reports) {
		for (const { node: name, state } of members) {
			const present = there.some((one) => one.node === name);
			if (present ? !['self', 'alive', 'unknown'].includes(state) : ['alive', 'suspect'].includes(state)) {
				return `${node} takes ${name} for ${state}`;
			}
		}
	}
	return '';
}
