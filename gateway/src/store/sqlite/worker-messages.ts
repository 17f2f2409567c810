import type { Changes, Position, Store } from '../store.ts';
import type { ValueRow, ValuesToKeep } from '../value-rows.ts';

/** The data for a new thread. */
export interface WorkerSetup {
	readonly directory: string;
	readonly region: string;
}

/** A page of changes with values as rows. */
export type ChangedRows = Omit<Changes, 'values'> & { readonly values: readonly ValueRow[] };

/**
 * The requests to the database of a store.
 *
 * Values are rows, so that the thread need not load their kinds.
 */
export interface StoreCalls extends Omit<Store, 'available' | 'changes' | 'values' | 'keepValues' | 'raiseClock'> {
	changes(since: Position | undefined, limit: number): Promise<ChangedRows>;
	values(topics: readonly string[]): Promise<readonly ValueRow[]>;
	keepValues(values: readonly ValuesToKeep[]): Promise<void>;
	raiseClock(to: number): Promise<number>;
}

type Method = keyof StoreCalls;

/** A request to the thread. */
export type WorkerCall = {
	readonly [Name in Method]: {
		readonly id: number;
		readonly method: Name;
		readonly args: Parameters<StoreCalls[Name]>;
	};
}[Method];

export type WorkerReply =
	| { readonly id: number; readonly result: unknown }
	| { readonly id: number; readonly error: string; readonly isRefusal: boolean };

/** The id of the reply that the thread sends by itself, with the result of opening the database. */
export const READY = 0;
