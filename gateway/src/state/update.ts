import { type CounterRows, hashLikes, mergeLikes, NO_LIKES } from './counters.ts';
import type { Registers } from './kinds/register.ts';
import { type LogUpdate, mergeLogs } from './log.ts';
import { hashValues, mergeValues, type Values } from './registers.ts';
import { mergeSamples, type Sample } from './sample.ts';

/** The change of one topic between two nodes: never a message, always a state that merges. */
export interface Update {
	/** The counters, by store. */
	readonly rows: CounterRows;
	/** Whether a read of the store is merged, so that viewers may see it as the complete state. */
	readonly complete: boolean;
	/** A sample of the new likes. */
	readonly sample: Sample;
	/** When its newest part was accepted, in Unix milliseconds. */
	readonly at: number;
	/** New events of the log of the topic. */
	readonly log?: LogUpdate | undefined;
	/** The registers: counts of viewers, presence, typing, receipts. */
	readonly values?: Values | undefined;
}

/** Updates by topic. */
export type Updates = ReadonlyMap<string, Update>;

/** Merges two updates, in any order and any number of times. */
export function mergeUpdates(known: Update, next: Update): Update {
	const log = mergeLogs(known.log, next.log);
	const values = mergeValues(known.values, next.values);
	return {
		rows: mergeLikes(known.rows, next.rows),
		complete: known.complete || next.complete,
		sample: mergeSamples(known.sample, next.sample),
		at: Math.max(known.at, next.at),
		...(log && { log }),
		...(values && { values }),
	};
}

/** Returns an update with registers of one kind only; it has no time, since it has no like. */
export function updateOfRegisters(kind: string, registers: Registers): Update {
	return { rows: NO_LIKES, complete: false, sample: [], at: 0, values: { [kind]: registers } };
}

/** Returns the registers of an update with this kind only; undefined for any other update. */
export function onlyRegistersOf(kind: string, { rows, log, values }: Update): Registers | undefined {
	const registers = values?.[kind];
	if (registers === undefined || log !== undefined || Object.keys(values ?? {}).length > 1) return undefined;
	return Object.keys(rows).length === 0 ? registers : undefined;
}

/** The state of a topic that a store keeps. */
export interface Known extends Pick<Update, 'rows' | 'values'> {
	/** For a video: the likes of the comments that were liked last, by topic. */
	readonly comments?: ReadonlyMap<string, CounterRows> | undefined;
}

/** Returns the same number for the same kept state of a topic; for digests. */
export function hashState({ rows, values }: Known): number {
	return (hashLikes(rows) ^ hashValues(values)) >>> 0;
}
