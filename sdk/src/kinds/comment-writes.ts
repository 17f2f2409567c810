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

/** What a comment may say beside its text. */
export interface CommentOptions {
	/** The comment that it answers, which answers none itself. */
	readonly parent?: string | undefined;
	/**
	 * The id it will have, a UUID: to know it again when it comes in `comment`, and to send it again after a failure, which
	 * stores it once. Default: a random one.
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
		// Nobody's second sentence comes before the first.
		key: topic.name,
		isAnswer: (answer) => typeof answer.id === 'string' && typeof answer.text === 'string',
	});
	const { duplicate, ...comment } = answer;
	topic.part(createComments).show(comment);
	return answer;
}

/** Which comment is deleted. */
export interface DeleteCommentOptions {
	/**
	 * For a moderator: the author of the comment. Comments of two regions may have one id; without an author such an id is
	 * refused with `ambiguous_comment`.
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

/** The id of a comment, or a comment: its author tells it from those of other users with the same id. */
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
