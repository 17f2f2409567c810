import { uuid } from '@likewire/protocol';
import { commentTopic } from '../delivery/topic.ts';
import { json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { authorize, type Caller, userOf, writerOf } from '../http/caller.ts';
import type { Identify } from '../http/identity.ts';
import { asCommentId, asLikeId, asVideoId } from '../http/ids.ts';
import type { Request } from '../http/request.ts';
import { answerWithKey } from '../http/retry-key.ts';
import type { Route, RouteName } from '../http/router.ts';
import type { Elsewhere } from '../regions/elsewhere.ts';
import type { CommentReads } from './comment-reads.ts';
import { commentLikeBody } from './like-body.ts';
import { type LikesService, likeNotFound } from './likes-service.ts';

/** The routes for likes of comments; they take the role `likes`. */
export const COMMENT_LIKE_ROUTES = {
	give: { method: 'POST', path: '/v1/videos/:video/comments/:comment/likes' },
	takeBack: { method: 'DELETE', path: '/v1/videos/:video/comments/:comment/likes/:id' },
} as const satisfies Record<string, RouteName>;

export interface CommentLikeRoutesOptions {
	readonly likes: LikesService;
	readonly reads: CommentReads;
	readonly identify: Identify;
	readonly elsewhere: Elsewhere;
}

/** The routes for likes of comments: counted as those of videos are, each comment for itself. */
export function commentLikeRoutes({ likes, reads, identify, elsewhere }: CommentLikeRoutesOptions): Route[] {
	return [
		{
			...COMMENT_LIKE_ROUTES.give,
			async handle(request, body) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'like', [video]);
				const comment = asCommentId(request.parameters[1]);
				const { id, type, region, user: author } = parseBody(request, body, commentLikeBody);
				const given = asLikeId(id ?? (request.headers['idempotency-key'] || uuid()));
				const user = writerOf(caller, given);
				return elsewhere.write({ request, body, caller, region, like: { user, type } }, () =>
					answerWithKey(given, async () => {
						// One that counted is answered all the same.
						const { liked, refusal } = await reads.likeable(video, comment, author);
						const answer = await likes.like({ topic: commentTopic(liked), id: given, user, type, refusal });
						return json(answer.duplicate ? 200 : 201, { ...answer, video });
					}),
				);
			},
		},
		{
			...COMMENT_LIKE_ROUTES.takeBack,
			async handle(request, body) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'like', [video]);
				const comment = asCommentId(request.parameters[1]);
				const id = asLikeId(request.parameters[2]);
				const region = request.query.get('region') ?? undefined;
				const author = authorIn(request, caller);
				return elsewhere.takeBack({ request, body, caller, region }, async () => {
					const [liked, refusal] = await Promise.all([reads.liked(video, comment, author), reads.whyNotRunning(video)]);
					if (liked === undefined) throw likeNotFound();
					return json(200, await likes.takeBack({ topic: commentTopic(liked), id, user: userOf(caller), refusal }));
				});
			},
		},
	];
}

/** The author of the comment that a query names. Without a header, development mode takes that name for the caller. */
function authorIn({ headers, query }: Request, { proof }: Caller): string | undefined {
	const isCaller = proof === 'none' && headers['x-likewire-user'] === '';
	return isCaller ? undefined : (query.get('user') ?? undefined);
}
