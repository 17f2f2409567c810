import type { Node } from './node.ts';

/** What is wrong with a gap: events were given up though their source was never known to be dead; undefined when nothing is. */
export function unneededGap(reason: string, { name, frontend }: Node): string | undefined {
	if (reason !== 'lost' || frontend?.sawDeadSource !== false) return undefined;
	return `${name} says that comments are lost, and their source lives`;
}
