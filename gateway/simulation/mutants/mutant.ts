import type { Operator } from './operators.ts';

/** A mistake that a simulation, or a drill, has to find. */
export interface Mutant {
	/** What it does to the code behind which markers: `// mutant: name` in `gateway/src`. */
	readonly changes: Readonly<Record<string, Operator>>;
	/** The violation that it causes. */
	readonly violates: RegExp;
	/**
	 * Few schedules find it, so the search begins at the seed where one did. A change of the code moves them: then the search
	 * goes on from there and takes longer. Default: 1.
	 */
	readonly seed?: number;
}

/** Mutants by what they do wrong. */
export type Mutants = Readonly<Record<string, Mutant>>;
