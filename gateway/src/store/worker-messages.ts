import type { Store } from './store.ts';

/** What a thread that starts is given. */
export interface WorkerSetup {
	readonly directory: string;
	readonly region: string;
}

/** What a store can be asked. */
export type StoreCalls = Omit<Store, 'available'>;

type Method = keyof StoreCalls;

/** What the thread can be asked: a method of the store. `ready` it says by itself once the database is open. */
export type WorkerCall = {
	readonly [Name in Method]: {
		readonly id: number;
		readonly method: Name;
		readonly args: Parameters<StoreCalls[Name]>;
	};
}[Method];

export type WorkerReply =
	| { readonly id: number; readonly result: unknown }
	| { readonly id: number; readonly error: string };

/** The id of the reply that says whether the database could be opened. */
export const READY = 0;
