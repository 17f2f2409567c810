/** The cluster of a fault. Consecutive faults of one topology share a cluster. */
export interface Topology {
	/** Names of regions. Each has the nodes below, a PostgreSQL, and an etcd if one is installed. */
	readonly regions?: readonly string[];
	readonly likes: number;
	readonly dispatchers: number;
	readonly frontends: number;
	/** Puts a proxy between each pair of nodes, or, with several regions, between each pair of regions. */
	readonly proxied?: true;
	/** Builds Likes nodes with failpoints: `mutant-gateway.ts`. */
	readonly failpoints?: true;
}

const SIZE = { likes: 1, dispatchers: 4, frontends: 3 } as const;

/** For faults of nodes. */
export const NODES: Topology = { ...SIZE, failpoints: true };

/** For faults of the network between nodes. */
export const LINKS: Topology = { ...SIZE, proxied: true };

/** For faults of regions, their links and their servers. */
export const REGIONS: Topology = { regions: ['eu', 'us'], likes: 2, dispatchers: 2, frontends: 2, proxied: true };
