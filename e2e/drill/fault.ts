import type { GapReason } from '@likewire/protocol';
import type { DrillCluster } from './environment/drill-cluster.ts';
import type { Topology } from './environment/topology.ts';

/** The definition of a fault. */
export interface Fault {
	/** In lower case with dashes, for `--only`. */
	readonly name: string;
	/** A description in one line. */
	readonly about: string;
	readonly topology: Topology;
	/** Part of `--short`. */
	readonly short?: true;
	/** Requires small kernel buffers, which only a separate network namespace has. */
	readonly needsOwnNetwork?: true;
	/** Breaks the etcd of a region. */
	readonly needsEtcd?: true;
	/** Restores a store from a backup, so viewers see smaller totals. */
	readonly totalsMayFall?: true;
	/** The reasons of gaps that viewers may receive; with none they must receive all comments. */
	readonly gaps?: readonly GapReason[];
	/** The least duration, in milliseconds; `inject` may take longer. */
	readonly lastsMs: number;
	/**
	 * When the load ends, before the time until all viewers agree *without another like* is measured: with the fault itself,
	 * so that the last likes are in flight as it hits, or later.
	 */
	readonly lastLike: 'as it hits' | 'while it lasts';
	/**
	 * When viewers have to agree with the store: `while it lasts` and again after it, or only `after it`, if some viewers are
	 * unreachable during the fault.
	 */
	readonly viewersAgree: 'while it lasts' | 'after it';
	/** The bound of the time until viewers agree, in milliseconds. */
	readonly boundMs: number;
	/** Prepares the cluster, without load. All viewers agree with the store after it. */
	prepare?(target: DrillCluster): Promise<void>;
	/** Causes the fault, under load. */
	inject(target: DrillCluster): Promise<void> | void;
	/** Ends the fault. By default `DrillCluster.restore` does. */
	heal?(target: DrillCluster): Promise<void>;
}
