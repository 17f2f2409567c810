import { closedError, temporary } from '../errors.ts';
import type { WritesOptions } from './start-queue.ts';
import { MAX_WAITING, type Write, type WriteQueue } from './write.ts';

interface Held {
	readonly write: Write<unknown>;
	readonly resolve: (answer: Promise<unknown>) => void;
	readonly reject: (error: unknown) => void;
}

/**
 * The writes of a client. What sends them is loaded at once in a page, and elsewhere with the first of them or once a stream
 * is open; until then they are held.
 */
export function createWrites(options: WritesOptions): WriteQueue {
	const { closing } = options;
	let queue: WriteQueue | undefined;
	let isLoading = false;
	let place: Parameters<WriteQueue['locate']> | undefined;
	const held: Held[] = [];

	async function load(): Promise<void> {
		if (isLoading || closing.aborted) return;
		isLoading = true;
		try {
			const { startQueue } = await import('../parts.ts');
			// The client may have been closed meanwhile; then the queue refuses whatever is held.
			queue = startQueue(options);
			if (place !== undefined) queue.locate(...place);
			for (const { write, resolve } of held.splice(0)) resolve((async () => queue?.push(write))());
		} catch {
			// Without a network: the next stream, or the next write, tries again.
			isLoading = false;
		}
	}

	closing.addEventListener('abort', () => {
		for (const { reject } of held.splice(0)) reject(closedError());
	});

	function hold(write: Write<unknown>): Promise<unknown> {
		if (closing.aborted) throw closedError();
		if (held.length >= MAX_WAITING)
			throw temporary('queue_full', `${MAX_WAITING} writes wait for their answer already.`);
		void load();
		return new Promise((resolve, reject) => held.push({ write, resolve, reject }));
	}

	// A page may be left right after the first tap, and what is held here is lost with it.
	if (typeof document === 'object') void load();

	return {
		push: ((write: Write<unknown>) => queue?.push(write) ?? hold(write)) as WriteQueue['push'],
		locate(...located) {
			if (queue !== undefined) {
				queue.locate(...located);
				return;
			}
			// A region that a stream named stands when a later one cannot name any.
			if (located[0] !== undefined || place === undefined) place = located;
			void load();
		},
		resume: () => queue?.resume(),
		flush: () => queue?.flush(),
	};
}
