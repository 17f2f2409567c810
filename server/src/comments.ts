import { type Comment, type CommentsAnswer, paths } from '@likewire/protocol';
import { LikewireServerError } from './errors.ts';
import type { SendRequest } from './requests.ts';

/** The start and the page size of a history. */
export interface CommentsOptions {
	/** The `next` of an earlier page. Default: the newest comment. */
	readonly before?: string | undefined;
	/** The number of comments of a page: 1 to 100. Default 50. */
	readonly limit?: number | undefined;
}

/** Reads one page of comments, newest first. */
export async function readComments(
	send: SendRequest,
	video: string,
	{ before, limit }: CommentsOptions,
): Promise<CommentsAnswer> {
	const query = new URLSearchParams();
	if (before) query.set('before', before);
	if (limit !== undefined) query.set('limit', `${limit}`);
	const answer = (await send({ method: 'GET', path: `${paths.comments(video)}?${query}` })) as
		| CommentsAnswer
		| undefined;
	if (Array.isArray(answer?.comments)) return answer;
	throw new LikewireServerError('unexpected_answer', 'The answer is not a page of comments.', { retryable: true });
}

/** Reads all comments of a video, newest first, a page at a time. */
export async function* readHistory(
	send: SendRequest,
	video: string,
	options: CommentsOptions,
): AsyncGenerator<Comment, void, undefined> {
	let before = options.before;
	do {
		const page: CommentsAnswer = await readComments(send, video, { ...options, before });
		yield* page.comments;
		before = page.next ?? undefined;
	} while (before !== undefined);
}
