import type { Operator } from './operators.ts';

/** A mistake that a simulation, or a drill, must find. */
export interface Mutant {
	/** The change of the code behind each marker: `// mutant: name` in `gateway/src`. */
	readonly changes: Readonly<Record<string, Operator>>;
	/** The violation that it causes. */
	readonly violates: RegExp;
	/**
	 * The seed at which the search begins, where few schedules find the mutant. A change of the code moves
	 * such schedules: then the search takes longer. Default: 1.
	 */
	readonly seed?: number;
}

/** Mutants by what they do wrong. */
export type Mutants = Readonly<Record<string, Mutant>>;
