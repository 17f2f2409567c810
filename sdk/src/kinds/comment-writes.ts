import {
	type Comment,
	type CommentAnswer,
	type DeleteCommentAnswer,
	type LikeAnswer,
	paths,
	uuid,
} from '@likewire/protocol';
import { queryOf } from '../query.ts';
import type { Topic } from '../topics/topic.ts';

import { createComments } from './comment.ts';
import { createEnd } from './ended.ts';
import { checkReaction } from './likes.ts';

/** The options of a comment. */
export interface CommentOptions {
	/** The id of the comment that this one replies to; that one must not be a reply itself. */
	readonly parent?: string | undefined;
	/**
	 * The id of the new comment, a UUID. Default: a random one.
	 * With it a page recognizes the comment in the event `comment`. A page that sends the comment again after a failure
	 * stores it once.
	 */
	readonly id?: string | undefined;
}

export async function sendComment(topic: Topic, text: string, options: CommentOptions = {}): Promise<CommentAnswer> {
	topic.part(createEnd).refuseWrites();
	const { id = uuid(), parent } = options;
	const answer = await topic.gateway.write<CommentAnswer>({
		path: paths.comments(topic.id),
		body: { id, text, parent },
		staysInRegion: true,
		// The comments of a user keep their order.
		key: topic.name,
		isAnswer: (answer) => typeof answer.id === 'string' && typeof answer.text === 'string',
	});
	const { duplicate, ...comment } = answer;
	topic.part(createComments).show(comment);
	return answer;
}

/** The options of a deletion. */
export interface DeleteCommentOptions {
	/**
	 * The author of the comment, for a moderator.
	 * Comments of two regions may have one id; the gateway refuses such an id without an author with
	 * `ambiguous_comment`.
	 */
	readonly user?: string | undefined;
}

export async function deleteComment(
	topic: Topic,
	id: string,
	{ user }: DeleteCommentOptions = {},
): Promise<DeleteCommentAnswer> {
	return topic.gateway.write<DeleteCommentAnswer>({
		method: 'DELETE',
		path: paths.comment(topic.id, id) + (user === undefined ? '' : `?${queryOf([['user', user]])}`),
		staysInRegion: true,
		isAnswer: (answer) => typeof answer.id === 'string',
	});
}

/**
 * The id of a comment, or a comment.
 * Its author separates it from comments of other users with the same id.
 */
export type CommentToLike = string | Pick<Comment, 'id' | 'user'>;

export async function likeComment(topic: Topic, comment: CommentToLike, type: string): Promise<LikeAnswer> {
	checkReaction(type);
	topic.part(createEnd).refuseWrites();
	const { id, user } = typeof comment === 'string' ? { id: comment, user: undefined } : comment;
	return topic.gateway.write<LikeAnswer>({
		path: paths.commentLikes(topic.id, id),
		body: { id: uuid(), type, user },
		staysInRegion: true,
		isAnswer: ({ id, totals }) => typeof id === 'string' && typeof totals === 'object',
	});
}
