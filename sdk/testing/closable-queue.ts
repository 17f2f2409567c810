import { closedError } from '../src/errors.ts';
import type { Identity } from '../src/identity.ts';
import type { WriteQueue } from '../src/writes/write.ts';
import { createWriteQueue } from '../src/writes/write-queue.ts';

/** A queue of writes that closes without a client. */
export interface ClosableQueue extends WriteQueue {
	close(): void;
}

export function createClosableQueue(urls: readonly [string, ...string[]], identity: Identity): ClosableQueue {
	const closing = new AbortController();
	const queue = createWriteQueue({ urls, identity, closing: closing.signal });
	return { ...queue, close: () => closing.abort(closedError()) };
}
