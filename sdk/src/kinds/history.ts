import type { Comment } from '@likewire/protocol';

/**
 * The key of an asynchronous iterator.
 * Hermes has no such symbol, and Babel's `for await` looks for this name instead.
 */
const ASYNC_ITERATOR: typeof Symbol.asyncIterator = Symbol.asyncIterator ?? '@@asyncIterator';

type History = AsyncIterator<Comment>;

/** Returns a history of comments that opens at the first `next()`. */
export function openHistory(open: () => Promise<History>): AsyncIterableIterator<Comment> {
	let opening: Promise<History> | undefined;
	const opened = () => {
		opening ??= open();
		return opening;
	};
	return {
		next: async () => (await opened()).next(),
		return: async () => (await opened()).return?.() ?? { done: true, value: undefined },
		[ASYNC_ITERATOR]() {
			return this;
		},
	};
}
