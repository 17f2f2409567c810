import type { Totals } from '@likewire/protocol';
import type { Buckets } from '../measure/histogram.ts';

/** The number of violations on streams. */
export interface Violations {
	/** First events that are not a snapshot. */
	snapshot: number;
	/** Frames in which snapshot + deltas differ from the totals. */
	sum: number;
	/** Totals that fell, although no user took a like back. */
	fall: number;
	/** Bytes that are not an event stream. */
	format: number;
}

/** The report of a group of viewers, from the C client or the Node client. */
export interface GroupReport {
	readonly name: string;
	readonly opened: number;
	readonly withSnapshot: number;
	readonly closed: number;
	readonly frames: number;
	readonly bytes: number;
	/** The sum of all deltas. */
	readonly deliveries: number;
	/** The number of likes in `recent`, of which the latency is measured. */
	readonly shown: number;
	readonly violations: Violations;
	/** For each type, the smallest and the largest sum of any connection. */
	readonly lowest: Totals;
	readonly highest: Totals;
	readonly latency: { readonly maxMs: number; readonly sumMs: number; readonly buckets: Buckets };
}

/** A line of output of a client. */
export type ClientMessage =
	| { readonly event: 'settled' }
	| { readonly event: 'report'; readonly cpuMs: number; readonly groups: readonly GroupReport[] };
