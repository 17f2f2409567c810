import type { Node } from '../node/node.ts';

/** What is wrong with a gap: events were given up though the store was never known to be dead; undefined when nothing is. */
export function unneededGap(reason: string, { name, frontend }: Node): string | undefined {
	const isGivenUp = reason === 'lost' || reason === 'unknown_position';
	if (!isGivenUp || frontend?.sawDeadStore !== false) return undefined;
	return `${name} gives comments up (${reason}), and the store lives`;
}
