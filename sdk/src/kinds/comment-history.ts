import { type Comment, type CommentsAnswer, paths } from '@likewire/protocol';
import { LikewireError } from '../errors.ts';
import type { Topic } from '../topics/topic.ts';

/** Where a history begins, and how it is read. */
export interface HistoryOptions {
	/** Only what is older than this: the id of a comment. Default: from the newest on. */
	readonly before?: string | undefined;
	/** How many are asked for at a time; default: as the gateway has it. */
	readonly limit?: number | undefined;
}

/** The comments of a video, newest first. A page is asked for when the one before is used up. */
export async function* readHistory(
	topic: Topic,
	{ before, limit }: HistoryOptions = {},
): AsyncGenerator<Comment, void> {
	for (let next: string | null | undefined = before; next !== null; ) {
		const query = new URLSearchParams();
		if (next !== undefined) query.set('before', next);
		if (limit !== undefined) query.set('limit', String(limit));
		const page = (await topic.gateway.read(`${paths.comments(topic.id)}?${query}`)) as CommentsAnswer;
		if (!Array.isArray(page?.comments)) {
			throw new LikewireError('unexpected_answer', 'The answer is no page of comments.', { retryable: true });
		}
		yield* page.comments;
		next = page.next;
	}
}
