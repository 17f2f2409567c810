import type { Caller } from '../auth/caller.ts';
import { parseBody } from '../http/body.ts';
import { asCommentId } from '../http/ids.ts';
import type { Request } from '../http/request.ts';
import type { Route, RouteName } from '../http/router.ts';
import type { CommentReads } from '../ingest/comment-reads.ts';
import { likeNotFound } from '../ingest/likes-service.ts';
import { commentTopic } from '../state/topics/topic.ts';
import { createLikeWrites, type LikeWritesOptions } from './like-writes.ts';
import { commentLikeBody } from './validation/like-body.ts';

/** The routes for likes of comments; they require the role `likes`. */
export const COMMENT_LIKE_ROUTES = {
	give: { method: 'POST', path: '/v1/videos/:video/comments/:comment/likes' },
	takeBack: { method: 'DELETE', path: '/v1/videos/:video/comments/:comment/likes/:id' },
} as const satisfies Record<string, RouteName>;

export interface CommentLikeRoutesOptions extends LikeWritesOptions {
	readonly reads: CommentReads;
}

/**
 * Returns the routes for likes of comments, which count as those of videos do, for each comment
 * separately.
 */
export function commentLikeRoutes(options: CommentLikeRoutesOptions): Route[] {
	const { reads } = options;
	const { admit, give, takeBack } = createLikeWrites(options);
	return [
		{
			...COMMENT_LIKE_ROUTES.give,
			async handle(request, body) {
				const from = await admit(request);
				const comment = asCommentId(request.parameters[1]);
				const { user: author, position: _, ...like } = parseBody(request, body, commentLikeBody);
				return give({ ...from, body, like }, async () => {
					const { liked, refusal } = await reads.likeable(from.video, comment, author);
					return { topic: commentTopic(liked), refusal };
				});
			},
		},
		{
			...COMMENT_LIKE_ROUTES.takeBack,
			async handle(request, body) {
				const from = await admit(request);
				const { video } = from;
				const comment = asCommentId(request.parameters[1]);
				const author = authorIn(request, from.caller);
				return takeBack({ ...from, body, id: request.parameters[2] }, async () => {
					const [liked, refusal] = await Promise.all([reads.liked(video, comment, author), reads.whyNotRunning(video)]);
					if (liked === undefined) throw likeNotFound();
					return { topic: commentTopic(liked), refusal };
				});
			},
		},
	];
}

/**
 * Returns the author of the comment in a query. Without a header, development mode takes that name for
 * the caller.
 */
function authorIn({ headers, query }: Request, { proof }: Caller): string | undefined {
	const isCaller = proof === 'none' && headers['x-likewire-user'] === '';
	return isCaller ? undefined : (query.get('user') ?? undefined);
}
