import { fetchClusterReport } from '../../../local-cluster/nodes/cluster-report.ts';
import type { LocalNode } from '../../../local-cluster/nodes/local-node.ts';

/** How often the nodes are asked, in milliseconds: what one counts in the last of them before it is killed is not seen. */
const ASK_MS = 1_000;

/** What was counted so far, by the name of the counter. */
export type Counts = ReadonlyMap<string, number>;

/** What `after` has more than `before`. */
export function difference(before: Counts, after: Counts): Counts {
	return new Map([...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)]));
}

/** What the nodes of a cluster count of the ways of events, over all nodes and all lives of each. */
export class ClusterCounters {
	readonly #nodes: readonly LocalNode[];
	/** The newest counts of each life of each node. */
	readonly #lives = new Map<string, Readonly<Record<string, number>>>();
	readonly #timer: ReturnType<typeof setInterval>;

	constructor(nodes: readonly LocalNode[]) {
		this.#nodes = nodes;
		this.#timer = setInterval(() => void this.read(), ASK_MS);
	}

	/** All counts so far, since the nodes began. */
	async read(): Promise<Counts> {
		const there = this.#nodes.filter(({ running, paused }) => running && !paused);
		await Promise.all(there.map((node) => this.#ask(node)));
		const sums = new Map<string, number>();
		for (const counters of this.#lives.values()) {
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
			if (self?.counters !== undefined) this.#lives.set(`${node.node} ${self.incarnation}`, self.counters);
		} catch {
			// It may end, or be stopped, in this very moment; what it said last stands.
		}
	}
}
