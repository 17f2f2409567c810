import type { Totals } from '@likewire/protocol';
import type { Buckets } from '../measure/histogram.ts';

/** What must never happen on a stream, and how often it did. */
export interface Violations {
	/** First events that were no snapshot. */
	snapshot: number;
	/** Snapshot and deltas that did not add up to the totals beside them. */
	sum: number;
	/** Totals that fell, though nobody took a like back. */
	fall: number;
	/** Bytes that were no event stream. */
	format: number;
}

/** What a client says of viewers that did the same; written by both the C client and the Node client. */
export interface GroupReport {
	readonly name: string;
	readonly opened: number;
	readonly withSnapshot: number;
	readonly closed: number;
	readonly frames: number;
	readonly bytes: number;
	/** Likes by which the frames raised the totals. */
	readonly deliveries: number;
	/** Likes that frames showed one by one; the latency is theirs. */
	readonly shown: number;
	readonly violations: Violations;
	/** Snapshot and deltas of each connection, type by type the smallest and the largest of all. */
	readonly lowest: Totals;
	readonly highest: Totals;
	readonly latency: { readonly maxMs: number; readonly sumMs: number; readonly buckets: Buckets };
}

/** A line that a client prints. */
export type ClientMessage =
	| { readonly event: 'settled' }
	| { readonly event: 'report'; readonly cpuMs: number; readonly groups: readonly GroupReport[] };
