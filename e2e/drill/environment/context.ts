import { findEtcd } from '../../../gateway/test/etcd-server.ts';
import { startCluster } from '../../../local-cluster/nodes/local-cluster.ts';
import type { LocalNode, LocalNodeOptions, NodePlan } from '../../../local-cluster/nodes/local-node.ts';
import { type LocalRegion, startRegions } from '../../../local-cluster/nodes/local-regions.ts';
import { Clocks } from './clocks.ts';
import { Links } from './links.ts';
import { buildMutantGateway, type MutantGateway } from './mutant-gateway.ts';
import type { Topology } from './topology.ts';

/** Nodes are stopped often here. */
const FLAGS = ['--drain-ms', '1000', '--drain-min-ms', '0', '--log-level', 'warn'];

/** Nodes that ended by themselves. */
interface Ends {
	/** Those that have a failpoint set, by name: their end is wanted. */
	readonly doomed: Set<string>;
	/** How the others ended. */
	readonly unexpected: string[];
}

export interface DrillContextOptions {
	readonly random: () => number;
	/** The mutant that is switched on in every node: the drill should find it. */
	readonly mutant?: string | undefined;
}

/** What a cluster under test stands on: processes, and what can be done to them. */
export interface DrillContext {
	/** One without a name where the topology has none. */
	readonly regions: readonly LocalRegion[];
	readonly nodes: readonly LocalNode[];
	readonly links: Links | undefined;
	readonly gateway: MutantGateway | undefined;
	readonly clocks: Clocks | undefined;
	readonly ends: Ends;
	/** Ends everything, in no order; may be called twice. */
	stop(): Promise<void>;
}

/** Starts what a topology says. Rejects, with nothing left, when it does not come up. */
export async function openContext(topology: Topology, { random, mutant }: DrillContextOptions): Promise<DrillContext> {
	const gateway = topology.failpoints || mutant !== undefined ? await buildMutantGateway(mutant) : undefined;
	const links = topology.proxied ? new Links(random) : undefined;
	const clocks = topology.regions ? new Clocks() : undefined;
	const ends: Ends = { doomed: new Set(), unexpected: [] };
	const shared = {
		likes: topology.likes,
		dispatchers: topology.dispatchers,
		frontends: topology.frontends,
		flags: FLAGS,
		...(gateway && {
			fileOf: ({ roles }: NodePlan) => (mutant !== undefined || roles.includes('likes') ? gateway.file : undefined),
		}),
		onUnexpectedEnd: (({ node, log }, { code, signal }) => {
			if (ends.doomed.delete(node)) return;
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
