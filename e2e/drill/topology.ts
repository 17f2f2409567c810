/** Which cluster a fault wants. Faults that want the same one share it, one after another. */
export interface Topology {
	readonly likes: number;
	readonly dispatchers: number;
	readonly frontends: number;
	/** A proxy stands between any two nodes. */
	readonly proxied?: true;
	/** Likes nodes have traps in them: `trapped-gateway.ts`. */
	readonly trapped?: true;
}

const SIZE = { likes: 1, dispatchers: 4, frontends: 3 } as const;

/** For faults of nodes. */
export const NODES: Topology = { ...SIZE, trapped: true };

/** For faults of the network between nodes. */
export const LINKS: Topology = { ...SIZE, proxied: true };
