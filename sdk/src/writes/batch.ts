import type { BatchLikesAnswer, LikeAnswer } from '@likewire/protocol';
import { LikewireError, temporary } from '../errors.ts';
import type { Write } from './write.ts';

/** The body of one request. */
export type BatchBody = object | undefined;

/** Returns the body that holds several likes of a video. */
export function batchBody(writes: readonly Pick<Write<unknown>, 'body'>[]): object {
	return { likes: writes.map(({ body }) => body) };
}

/** Refusals that do not concern the like itself: the gateway may take the same like later. */
const PASSING = /^(overloaded|shutting_down|\w+_unavailable)$/;

/** Refusals after which another token, or another page, may bring the same like through. */
const UNDECIDED = /^(unauthorized|token_expired|\w*forbidden|unexpected_answer|closed)$/;

/** Returns whether a gateway refused the like itself, for good. */
export function isDecided({ code, retryable }: LikewireError): boolean {
	return !retryable && !UNDECIDED.test(code);
}

function isLikeAnswer({ id, totals, revision }: Partial<LikeAnswer>): boolean {
	return typeof id === 'string' && typeof totals === 'object' && typeof revision === 'number';
}

/** Returns the answer if a gateway can have sent it. Throws `unexpected_answer` for any other. */
export function checkedAnswer(write: Write<unknown>, answer: unknown): unknown {
	const { isAnswer = isLikeAnswer } = write;
	if (isAnswer((answer ?? {}) as object)) return answer;
	throw temporary('unexpected_answer', `The answer to ${write.path} is not valid.`);
}

/** Returns the outcome of each like of a batch, in order: its answer, or why it was not counted. */
export function outcomesOf(path: string, answer: unknown, count: number): (LikeAnswer | LikewireError)[] {
	const { likes, totals, revision } = (answer ?? {}) as Partial<BatchLikesAnswer>;
	if (!Array.isArray(likes) || likes.length !== count || typeof revision !== 'number' || typeof totals !== 'object') {
		throw temporary('unexpected_answer', `The answer to ${path} is not valid.`);
	}
	const video = decodeURIComponent(path.split('/')[3] ?? '');
	return (likes as BatchLikesAnswer['likes']).map((like) => {
		if (!('code' in like)) return { ...like, video, totals, revision };
		const { id, code } = like;
		return new LikewireError(code, `The gateway did not count the like ${id}.`, { retryable: PASSING.test(code) });
	});
}
