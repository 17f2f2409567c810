import type { Node } from './node.ts';

/** Why a frontend had no need to give events up, though viewers were told that they are lost; undefined when it had one. */
export function unneededGap(reason: string, { name, frontend, process, incarnation }: Node): string | undefined {
	if (reason !== 'lost' || frontend?.lacksStore !== false) return undefined;
	// What stood still had no time to ask.
	if (process.runsSince >= incarnation) return undefined;
	return `${name} says that comments are lost, and never asked the store in vain`;
}
