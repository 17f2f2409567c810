import type { Environment, Failpoint } from './environment.ts';
import type { Node } from './node.ts';

/**
 * An environment with the nodes themselves, as workloads, faults and checkers see them. Roles know
 * {@link Environment}.
 */
export interface ClusterEnvironment extends Environment {
	readonly nodes: Map<string, Node>;
	onHeartbeat(users: readonly string[], what: 'sent' | 'received', at: Node): void;
	onCommit(video: string, revision: number, node: Node): void;
	onFailpoint(node: Node, failpoint: Failpoint): void;
}

/** Returns what the environments of all scenarios begin with: no node is silent, no write fails, no clock is ahead. */
export function calmEnvironment() {
	return {
		dispatchers: [],
		remote: undefined,
		nodes: new Map<string, Node>(),
		aheadMs: new Map<string, number>(),
		appendErrorMs: () => 0,
		writeFaults: 0,
		frontendsRefuse: false,
		silent: new Set<string>(),
		onHeartbeat: () => undefined,
		onCommit: () => undefined,
		onFailpoint: () => undefined,
	};
}
