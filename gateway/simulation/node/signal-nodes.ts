import type { Random } from '../engine/random.ts';
import type { ClusterEnvironment } from './cluster-environment.ts';
import type { Node } from './node.ts';

/** Picks a node of a region that takes signals; undefined when none does. */
export function pickSignalNode({ nodes }: ClusterEnvironment, random: Random): Node | undefined {
	const open = [...nodes.values()].filter(({ signals }) => signals !== undefined);
	return open.length === 0 ? undefined : random.pick(open);
}

/** Sets the clocks of machines back. */
export function setBack({ aheadMs }: ClusterEnvironment, names: readonly string[], byMs: number): void {
	for (const name of names) aheadMs.set(name, (aheadMs.get(name) ?? 0) - byMs);
}
