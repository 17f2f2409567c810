import type { Comment } from '@likewire/protocol';
import { temporary } from '../errors.ts';
import type { Topic } from '../topics/topic.ts';
import type { HistoryOptions } from './comment-history.ts';

/** What makes an object asynchronously iterable. Hermes knows no such symbol; Babel's `for await` looks for this name there. */
const ASYNC_ITERATOR: typeof Symbol.asyncIterator = Symbol.asyncIterator ?? '@@asyncIterator';

/** The comments of a video, newest first: what reads them is loaded with the first that is asked for. */
export function openHistory(topic: Topic, options?: HistoryOptions): AsyncIterableIterator<Comment> {
	let history: Promise<AsyncIterator<Comment>> | undefined;

	async function load(): Promise<AsyncIterator<Comment>> {
		try {
			return (await import('../parts.ts')).readHistory(topic, options);
		} catch (cause) {
			history = undefined;
			throw temporary('network', 'The part of the SDK that reads comments could not be loaded.', cause);
		}
	}

	function open(): Promise<AsyncIterator<Comment>> {
		history ??= load();
		return history;
	}

	return {
		next: async () => (await open()).next(),
		return: async () => (await open()).return?.() ?? { done: true, value: undefined },
		[ASYNC_ITERATOR]() {
			return this;
		},
	};
}
