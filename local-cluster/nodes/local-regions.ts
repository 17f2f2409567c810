import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
	type ClusterSize,
	type LocalCluster,
	type LocalClusterOptions,
	type PortsOf,
	planNodes,
	startCluster,
} from './local-cluster.ts';
import type { LocalNode, NodePlan } from './local-node.ts';
import { type LocalPostgres, startPostgres } from './local-postgres.ts';

/** Options for all regions. */
type Shared = Pick<LocalClusterOptions, 'flags' | 'nodeFlags' | 'membership' | 'fileOf' | 'onUnexpectedEnd'>;

export interface LocalRegionsOptions extends ClusterSize, Shared {
	/** The names of the regions. */
	readonly names: readonly string[];
	/** A PostgreSQL for each region, or a SQLite database, which allows one Likes node. */
	readonly store: 'postgres' | 'sqlite';
	/** The parent of the directories of regions; by default temporary ones, which are removed with the regions. */
	readonly dataDir?: string;
	/** Returns the ports of the nodes of a region; free ports by default. */
	readonly portsOf?: (region: string) => PortsOf | undefined;
	/** Returns additional environment variables for the nodes of a region. */
	readonly envOf?: (region: string) => Readonly<Record<string, string>>;
	/**
	 * Returns the address of a dispatcher for another region, as `host:port`, for a proxy between them; by default its internal
	 * address.
	 */
	readonly linkOf?: (from: string, to: string, dispatcher: NodePlan) => Promise<string>;
}

/** A running region. */
export interface LocalRegion {
	readonly name: string;
	readonly cluster: LocalCluster;
	/** Undefined with SQLite. */
	readonly postgres: LocalPostgres | undefined;
}

/** Connected regions, each a cluster with its own store. */
export interface LocalRegions {
	readonly regions: readonly LocalRegion[];
	/** The nodes of all regions; each name starts with that of its region. */
	readonly nodes: readonly LocalNode[];
	/** Shuts all nodes and servers down. A second call does nothing. */
	stop(): Promise<void>;
}

/** Starts regions, and resolves when every node is ready. When a start fails it ends all processes, and rejects. */
export async function startRegions(options: LocalRegionsOptions): Promise<LocalRegions> {
	const { names, portsOf } = options;
	const plans = new Map<string, readonly NodePlan[]>();
	for (const name of names) plans.set(name, await planNodes(options, portsOf?.(name), `${name}-`));
	const secret = randomBytes(24).toString('base64url');
	const starts = await Promise.allSettled(names.map((name) => startRegion(name, plans, secret, options)));
	const regions = starts.flatMap((start) => (start.status === 'fulfilled' ? start.value : []));
	async function stop(): Promise<void> {
		await Promise.all(regions.map(({ cluster }) => cluster.stop()));
		await Promise.all(regions.map(({ postgres }) => postgres?.stop()));
	}
	const failed = starts.find((start) => start.status === 'rejected');
	if (failed !== undefined) {
		await stop();
		throw failed.reason;
	}
	return { regions, nodes: regions.flatMap(({ cluster }) => cluster.nodes), stop };
}

async function startRegion(
	name: string,
	plans: ReadonlyMap<string, readonly NodePlan[]>,
	secret: string,
	options: LocalRegionsOptions,
): Promise<LocalRegion> {
	const { names, store, dataDir, envOf, linkOf, flags = [], nodeFlags, membership, fileOf, onUnexpectedEnd } = options;
	const directory = dataDir === undefined ? undefined : join(dataDir, name);
	const others: string[] = [];
	for (const other of names.filter((other) => other !== name)) {
		const addresses: string[] = [];
		for (const plan of plans.get(other) ?? []) {
			if (!plan.roles.includes('dispatcher')) continue;
			addresses.push((await linkOf?.(name, other, plan)) ?? `127.0.0.1:${plan.internalPort}`);
		}
		others.push(`${other}=${addresses.join('+')}`);
	}
	const postgres = store === 'postgres' ? await startPostgres(directory && join(directory, 'postgres')) : undefined;
	try {
		const cluster = await startCluster({
			plans: plans.get(name) ?? [],
			flags: ['--region', name, ...(others.length === 0 ? [] : ['--regions', others.join()]), ...flags],
			env: {
				LIKEWIRE_CLUSTER_SECRET: secret,
				...(postgres && { LIKEWIRE_DATABASE_URL: postgres.url }),
				...envOf?.(name),
			},
			...(directory !== undefined && { dataDir: directory }),
			...(nodeFlags && { nodeFlags }),
			...(membership && { membership }),
			...(fileOf && { fileOf }),
			...(onUnexpectedEnd && { onUnexpectedEnd }),
		});
		return { name, cluster, postgres };
	} catch (error) {
		await postgres?.stop();
		throw error;
	}
}
