import type { Comment } from '@likewire/protocol';

/** What makes an object asynchronously iterable. Hermes knows no such symbol; Babel's `for await` looks for this name there. */
const ASYNC_ITERATOR: typeof Symbol.asyncIterator = Symbol.asyncIterator ?? '@@asyncIterator';

type History = AsyncIterator<Comment>;

/** A history of comments that is opened when the first comment is asked for. */
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
