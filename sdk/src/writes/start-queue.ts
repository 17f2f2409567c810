import { browserStorage, createKeptTaps, type KeyValueStorage } from './kept-taps.ts';
import { ownerOf } from './owner.ts';
import type { WriteQueue } from './write.ts';
import { createWriteQueue, type WriteQueueOptions } from './write-queue.ts';

export interface WritesOptions extends Omit<WriteQueueOptions, 'kept'> {
	/** Where the client keeps taps without an answer; default: `localStorage`, where the page has one. */
	readonly storage?: KeyValueStorage | undefined;
}

/** Creates the writes of a client, and sends what earlier pages of its user left. */
export function startQueue({ storage = browserStorage(), ...options }: WritesOptions): WriteQueue {
	const { urls, identity } = options;
	// A token function may throw; the next call asks it again.
	const owner = async () => ownerOf(urls, await identity.credentials());
	return createWriteQueue({ ...options, kept: storage && createKeptTaps(storage, owner) });
}
