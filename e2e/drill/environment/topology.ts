/** Which cluster a fault wants. Faults that want the same one share it, one after another. */
export interface Topology {
	/** Names of regions; each has as many nodes as are said here, a PostgreSQL, and an etcd where that is installed. */
	readonly regions?: readonly string[];
	readonly likes: number;
	readonly dispatchers: number;
	readonly frontends: number;
	/** A proxy stands between any two nodes; of several regions, between any two of those. */
	readonly proxied?: true;
	/** Likes nodes have failpoints: `mutant-gateway.ts`. */
	readonly failpoints?: true;
}

const SIZE = { likes: 1, dispatchers: 4, frontends: 3 } as const;

/** For faults of nodes. */
export const NODES: Topology = { ...SIZE, failpoints: true };

/** For faults of the network between nodes. */
export const LINKS: Topology = { ...SIZE, proxied: true };

/** For faults of regions, their links and their servers. */
export const REGIONS: Topology = { regions: ['eu', 'us'], likes: 2, dispatchers: 2, frontends: 2, proxied: true };
