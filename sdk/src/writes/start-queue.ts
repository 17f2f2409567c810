import { browserStorage, createKeptTaps, type KeyValueStorage } from './kept-taps.ts';
import { ownerOf } from './owner.ts';
import type { WriteQueue } from './write.ts';
import { createWriteQueue, type WriteQueueOptions } from './write-queue.ts';

export interface WritesOptions extends Omit<WriteQueueOptions, 'kept'> {
	/** Where taps without an answer are kept; default: `localStorage`, where the page has one. */
	readonly storage?: KeyValueStorage | undefined;
}

/** The writes of a client, with what earlier pages of its user left. */
export function startQueue({ storage = browserStorage(), ...options }: WritesOptions): WriteQueue {
	const { urls, identity } = options;
	// A token function may throw, and be asked again.
	const owner = async () => ownerOf(urls, await identity.credentials());
	return createWriteQueue({ ...options, kept: storage && createKeptTaps(storage, owner) });
}
