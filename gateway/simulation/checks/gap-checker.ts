import type { Node } from '../node/node.ts';

/**
 * Returns what is wrong with a gap: the frontend never took the store for dead; undefined when the gap
 * is right.
 */
export function unneededGap(reason: string, node: Node): string | undefined {
	const isGivenUp = reason === 'lost' || reason === 'unknown_position';
	if (!isGivenUp || node.sawDeadStore) return undefined;
	return `${node.name} gives comments up (${reason}), and the store lives`;
}
