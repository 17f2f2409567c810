import { fetchClusterReport } from '../../../local-cluster/nodes/cluster-report.ts';
import type { LocalNode } from '../../../local-cluster/nodes/local-node.ts';

/** The interval between two reads, in milliseconds. Counts after the last read before a kill are missing. */
const ASK_MS = 1_000;

/** Counts by the name of the counter. */
export type Counts = ReadonlyMap<string, number>;

/** Returns how much each counter of `after` grew since `before`. */
export function difference(before: Counts, after: Counts): Counts {
	return new Map([...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)]));
}

/** The counters of the routing of events, summed over all nodes and all incarnations of each node. */
export class ClusterCounters {
	readonly #nodes: readonly LocalNode[];
	/** The newest counters by node and incarnation. */
	readonly #byIncarnation = new Map<string, Readonly<Record<string, number>>>();
	readonly #timer: ReturnType<typeof setInterval>;

	constructor(nodes: readonly LocalNode[]) {
		this.#nodes = nodes;
		this.#timer = setInterval(() => void this.read(), ASK_MS);
	}

	/** Reads the counters, and resolves with the sums since the start of the cluster. */
	async read(): Promise<Counts> {
		const reachable = this.#nodes.filter(({ running, paused }) => running && !paused);
		await Promise.all(reachable.map((node) => this.#ask(node)));
		const sums = new Map<string, number>();
		for (const counters of this.#byIncarnation.values()) {
			for (const [name, count] of Object.entries(counters)) sums.set(name, (sums.get(name) ?? 0) + count);
		}
		return sums;
	}

	close(): void {
		clearInterval(this.#timer);
	}

	async #ask(node: LocalNode): Promise<void> {
		try {
			const { members } = await fetchClusterReport(node);
			const self = members.find((member) => member.node === node.node);
			if (self?.counters !== undefined) this.#byIncarnation.set(`${node.node} ${self.incarnation}`, self.counters);
		} catch {
			// The node may end or pause during the request. Its last counters remain.
		}
	}
}
