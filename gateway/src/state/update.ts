import { type CounterRows, hashLikes, mergeLikes, NO_LIKES } from './counters.ts';
import type { Registers } from './kinds/register.ts';
import { type LogUpdate, mergeLogs } from './log.ts';
import { hashValues, mergeValues, type Values } from './registers.ts';
import { mergeSamples, type Sample } from './sample.ts';

/** What travels between two hops about one topic: never a message, always a state that merges. */
export interface Update {
	/** What only grows, by store: likes, and how far the log is. */
	readonly rows: CounterRows;
	/** A read of the store is in it, so it may be shown as the whole truth. */
	readonly complete: boolean;
	/** A sample of the likes that are news in it. */
	readonly sample: Sample;
	/** When the newest of it was accepted, in Unix milliseconds. */
	readonly at: number;
	/** Events of the topic's log that are news in it. */
	readonly log?: LogUpdate | undefined;
	/** The newest of everything else: counts of viewers, who is there, who types. */
	readonly values?: Values | undefined;
}

/** What a hop has to say, by topic. */
export type Updates = ReadonlyMap<string, Update>;

/** Both updates in one; in any order, any number of times. */
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

/** News of registers of one kind and of nothing else: no like in it was accepted at any time. */
export function updateOfRegisters(kind: string, registers: Registers): Update {
	return { rows: NO_LIKES, complete: false, sample: [], at: 0, values: { [kind]: registers } };
}

/** The registers of a kind that an update tells of and besides which it tells nothing; undefined for any other update. */
export function onlyRegistersOf(kind: string, { rows, log, values }: Update): Registers | undefined {
	const registers = values?.[kind];
	if (registers === undefined || log !== undefined || Object.keys(values ?? {}).length > 1) return undefined;
	return Object.keys(rows).length === 0 ? registers : undefined;
}

/** What can be kept of a topic. */
export interface Known extends Pick<Update, 'rows' | 'values'> {
	/** Of a video: the likes of its comments that were liked last, by topic. */
	readonly comments?: ReadonlyMap<string, CounterRows> | undefined;
}

/** The same number for the same knowledge of what is kept of a topic; for digests. */
export function hashState({ rows, values }: Known): number {
	return (hashLikes(rows) ^ hashValues(values)) >>> 0;
}
