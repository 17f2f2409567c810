import type { Command } from './store.ts';

/** What the thread can be asked, and `ready`, which it says by itself once the database is open. */
export type WorkerCall =
	| { readonly id: number; readonly method: 'commit'; readonly argument: readonly Command[] }
	| { readonly id: number; readonly method: 'read'; readonly argument: readonly string[] }
	| { readonly id: number; readonly method: 'close'; readonly argument: null };

export type WorkerReply =
	| { readonly id: number; readonly result: unknown }
	| { readonly id: number; readonly error: string };

/** The id of the reply that says whether the database could be opened. */
export const READY = 0;
