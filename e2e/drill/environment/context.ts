import { findEtcd } from '../../../gateway/test/etcd-server.ts';
import { startCluster } from '../../../local-cluster/nodes/local-cluster.ts';
import type { LocalNode, LocalNodeOptions, NodePlan } from '../../../local-cluster/nodes/local-node.ts';
import { type LocalRegion, startRegions } from '../../../local-cluster/nodes/local-regions.ts';
import { Clocks } from './clocks.ts';
import { Links } from './links.ts';
import { buildMutantGateway, type MutantGateway } from './mutant-gateway.ts';
import type { Topology } from './topology.ts';

/** Short drains, since faults stop nodes often. */
const FLAGS = ['--drain-ms', '1000', '--drain-min-ms', '0', '--log-level', 'warn'];

/** Nodes that ended without a signal of the drill. */
interface NodeEnds {
	/** The names of the nodes that a failpoint ends. */
	readonly expected: Set<string>;
	/** A description of each other end. */
	readonly unexpected: string[];
}

export interface DrillContextOptions {
	readonly random: () => number;
	/** The mutant that is active in every node; the drill must find it. */
	readonly mutant?: string | undefined;
}

/** The processes of a cluster under test, and the controls to break them. */
export interface DrillContext {
	/** One region with an empty name when the topology has none. */
	readonly regions: readonly LocalRegion[];
	readonly nodes: readonly LocalNode[];
	readonly links: Links | undefined;
	readonly gateway: MutantGateway | undefined;
	readonly clocks: Clocks | undefined;
	readonly ends: NodeEnds;
	/** Ends all processes, in no order. A second call does nothing. */
	stop(): Promise<void>;
}

/** Starts the processes of a topology. When the start fails it ends them all, and rejects. */
export async function openContext(topology: Topology, { random, mutant }: DrillContextOptions): Promise<DrillContext> {
	const gateway = topology.failpoints || mutant !== undefined ? await buildMutantGateway(mutant) : undefined;
	const links = topology.proxied ? new Links(random) : undefined;
	const clocks = topology.regions ? new Clocks() : undefined;
	const ends: NodeEnds = { expected: new Set(), unexpected: [] };
	const shared = {
		likes: topology.likes,
		dispatchers: topology.dispatchers,
		frontends: topology.frontends,
		flags: FLAGS,
		...(gateway && {
			fileOf: ({ roles }: NodePlan) => (mutant !== undefined || roles.includes('likes') ? gateway.file : undefined),
		}),
		onUnexpectedEnd: (({ node, log }, { code, signal }) => {
			if (ends.expected.delete(node)) return;
			ends.unexpected.push(`${node} ended by itself with ${signal ?? code}: ${log.slice(-500)}`);
		}) satisfies LocalNodeOptions['onUnexpectedEnd'],
	};

	async function start(): Promise<{ readonly regions: readonly LocalRegion[]; stop(): Promise<void> }> {
		if (topology.regions === undefined) {
			const cluster = await startCluster({
				...shared,
				...(gateway && { env: gateway.env }),
				...(links && { addressOf: (from, to) => links.addressOf(from.node, to.node, to.internalPort) }),
			});
			return { regions: [{ name: '', cluster, postgres: undefined }], stop: cluster.stop };
		}
		return startRegions({
			...shared,
			names: topology.regions,
			store: 'postgres',
			membership: findEtcd() === undefined ? 'static' : 'etcd',
			...(clocks && { nodeFlags: clocks.nodeFlags }),
			envOf: (region) => ({ ...gateway?.env, ...clocks?.envOf(region) }),
			...(links && { linkOf: (from, to, { internalPort }) => links.addressOf(from, to, internalPort) }),
		});
	}

	function clear(): void {
		links?.close();
		clocks?.remove();
		gateway?.remove();
	}

	try {
		const { regions, stop } = await start();
		const nodes = regions.flatMap(({ cluster }) => cluster.nodes);
		return {
			regions,
			nodes,
			links,
			gateway,
			clocks,
			ends,
			async stop() {
				await Promise.all(nodes.map((node) => node.kill()));
				await stop();
				clear();
			},
		};
	} catch (error) {
		clear();
		throw error;
	}
}
