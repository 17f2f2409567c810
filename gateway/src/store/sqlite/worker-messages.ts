import type { Changes, Position, Store } from '../store.ts';
import type { ValueRow, ValuesToKeep } from '../value-rows.ts';

/** What a thread that starts is given. */
export interface WorkerSetup {
	readonly directory: string;
	readonly region: string;
}

/** What changed, with values as rows. */
export type ChangedRows = Omit<Changes, 'values'> & { readonly values: readonly ValueRow[] };

/**
 * What the database of a store can be asked: values only as rows, for the thread need not load what knows their kinds.
 */
export interface StoreCalls extends Omit<Store, 'available' | 'changes' | 'values' | 'keepValues' | 'raiseClock'> {
	changes(since: Position | undefined, limit: number): Promise<ChangedRows>;
	values(topics: readonly string[]): Promise<readonly ValueRow[]>;
	keepValues(values: readonly ValuesToKeep[]): Promise<void>;
	raiseClock(to: number): Promise<number>;
}

type Method = keyof StoreCalls;

/** What the thread can be asked: one of {@link StoreCalls}. `ready` it says by itself once the database is open. */
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

/** The id of the reply that says whether the database could be opened. */
export const READY = 0;
