import type { MemberReport } from '../cluster/membership/member.ts';
import type { WorkerState } from '../process/worker-processes.ts';

/** The figures of the workers of a node, each with its report if it sends one. */
export interface WorkersFigures {
	/** The number of topics that any of them follows. */
	readonly topics: number;
	readonly workers: readonly (WorkerState & { readonly report: MemberReport | undefined })[];
}

/** The worker processes of a node, as its routes see them. */
export interface Workers {
	/** Returns the names of those that serve. */
	names(): readonly string[];
	figures(): Promise<WorkersFigures>;
}
