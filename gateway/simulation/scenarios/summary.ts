import type { Counts } from '../engine/counts.ts';

/** The results of a run. */
export interface Summary {
	readonly likes: number;
	readonly comments: number;
	readonly connections: number;
	/** The number of times that each path was taken, by nodes, viewers and faults. */
	readonly counts: Counts;
}
