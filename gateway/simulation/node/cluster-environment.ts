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
