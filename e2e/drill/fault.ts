import type { GapReason } from '@likewire/protocol';
import type { DrillCluster } from './environment/drill-cluster.ts';
import type { Topology } from './environment/topology.ts';

/** Something that goes wrong, as data: the drill does the rest. */
export interface Fault {
	/** In lower case with dashes; `--only` takes it. */
	readonly name: string;
	/** What happens, in one line. */
	readonly about: string;
	readonly topology: Topology;
	/** Part of `--short`. */
	readonly short?: true;
	/** Needs small kernel buffers, which only a network namespace of its own has. */
	readonly needsOwnNetwork?: true;
	/** Something happens to the etcd of a region. */
	readonly needsEtcd?: true;
	/** A store goes back to an earlier state, and viewers are to see it. */
	readonly totalsMayFall?: true;
	/** Why viewers may be told of a gap in the comments; elsewhere they are told all of them. */
	readonly gaps?: readonly GapReason[];
	/** How long it lasts at least, in milliseconds; its `inject` may take longer. */
	readonly lastsMs: number;
	/**
	 * When the load ends, before it is measured how long everybody takes to agree *without another like*: with the fault
	 * itself, so that the last likes are under way as it hits, or some time later.
	 */
	readonly lastLike: 'as it hits' | 'while it lasts';
	/**
	 * When viewers have to agree with the store: `while it lasts` and again after it, or only `after it`, where some cannot
	 * be reached before.
	 */
	readonly viewersAgree: 'while it lasts' | 'after it';
	/** How long they may take for that, in milliseconds. */
	readonly boundMs: number;
	/** Brings about what has to be before, without load; everybody agrees after it. */
	prepare?(target: DrillCluster): Promise<void>;
	/** Does it, under load. */
	inject(target: DrillCluster): Promise<void> | void;
	/** Ends it. When not given, `DrillCluster.restore` does: what was killed is started, what was stopped goes on, links heal. */
	heal?(target: DrillCluster): Promise<void>;
}
