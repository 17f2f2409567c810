import { type Comment, type CommentsAnswer, paths } from '@likewire/protocol';
import { temporary } from '../errors.ts';
import type { Gateway } from '../gateway-access.ts';
import { queryOf } from '../query.ts';
import type { Topic } from '../topics/topic.ts';

/** Where a history begins, and the size of its pages. */
export interface HistoryOptions {
	/** The `next` of an earlier page, such as one that a server rendered. Default: the newest comments. */
	readonly before?: string | undefined;
	/** The number of comments in one request: 1 to 100; default 50. */
	readonly limit?: number | undefined;
}

/**
 * Returns the comments of a video, newest first. It requests a page when the one before is used up.
 * Not a generator: that ends after an error, and this iterator goes on where it was.
 */
export function readHistory(
	{ id }: Topic,
	gateway: Pick<Gateway, 'read'>,
	{ before, limit }: HistoryOptions = {},
): AsyncIterator<Comment> {
	let page: readonly Comment[] = [];
	let used = 0;
	let nextPage: string | null | undefined = before;
	let turn: Promise<unknown> = Promise.resolve();

	async function turnPage(): Promise<void> {
		const query = queryOf([
			['before', nextPage || undefined],
			['limit', limit],
		]);
		const answer = (await gateway.read(`${paths.comments(id)}?${query}`)) as CommentsAnswer;
		if (!Array.isArray(answer?.comments)) {
			throw temporary('unexpected_answer', 'The answer is no page of comments.');
		}
		page = answer.comments;
		used = 0;
		nextPage = answer.next;
	}

	async function take(): Promise<IteratorResult<Comment>> {
		while (used === page.length && nextPage !== null) await turnPage();
		const value = page[used];
		if (value === undefined) return { done: true, value };
		used++;
		return { done: false, value };
	}

	return {
		next() {
			// One call after the other, whether the call before failed or not.
			const result = turn.then(take, take);
			turn = result;
			return result;
		},
		async return() {
			page = [];
			used = 0;
			nextPage = null;
			return { done: true, value: undefined };
		},
	};
}
