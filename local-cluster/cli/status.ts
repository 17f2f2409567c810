import { type ClusterReport, fetchClusterReport } from '../nodes/cluster-report.ts';
import type { LocalNode } from '../nodes/local-node.ts';
import { table } from './table.ts';

/** A node with its cluster report; without one when it does not answer. */
export interface NodeStatus {
	readonly node: string;
	readonly running: boolean;
	readonly report: ClusterReport | undefined;
}

/** Reads the report of every running node. */
export function readStatus(nodes: readonly LocalNode[]): Promise<NodeStatus[]> {
	return Promise.all(
		nodes.map(async (node) => ({
			node: node.node,
			running: node.running,
			report: node.running ? await fetchClusterReport(node).catch(() => undefined) : undefined,
		})),
	);
}

/** Returns the state of a cluster as lines of text. */
export function statusLines(statuses: readonly NodeStatus[]): string[] {
	const views = new Set(statuses.flatMap(({ report }) => report?.view ?? []));
	const rows = statuses.map((status) => {
		const self = status.report?.members.find(({ state }) => state === 'self');
		const { share, connections = '', topics = '', rows: held = '', dropped = '', counters } = self ?? {};
		const part = share === undefined ? '' : `${(share * 100).toFixed(1)} %`;
		return [status.node, stateOf(status, statuses), part, connections, topics, held, counters?.floods ?? '', dropped];
	});
	const head = ['node', 'state', 'of the ring', 'connections', 'topics', 'rows', 'floods', 'dropped'];
	return [...table([head, ...rows]), '', views.size > 1 ? 'the nodes do not agree yet' : `view ${[...views].join()}`];
}

/** Returns the state of a node in the view of its peers, which may differ for a moment. */
function stateOf({ node, running, report }: NodeStatus, statuses: readonly NodeStatus[]): string {
	if (!running) return 'ended';
	const opinions = statuses.flatMap((other) => {
		const { state } = other.report?.members.find((member) => member.node === node) ?? {};
		return state === undefined || state === 'self' || state === 'unknown' ? [] : state;
	});
	const states = [...new Set(opinions)].sort().join(' or ');
	return report === undefined ? `silent${states && `, ${states}`}` : states || 'alone';
}
