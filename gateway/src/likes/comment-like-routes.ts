import { randomUUID } from 'node:crypto';
import { commentTopic, type LikedComment } from '../delivery/topic.ts';
import { json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { authorize, userOf } from '../http/caller.ts';
import type { Identify } from '../http/identity.ts';
import { asCommentId, asLikeId, asVideoId } from '../http/ids.ts';
import { answerWithKey } from '../http/retry-key.ts';
import type { Route, RouteName } from '../http/router.ts';
import { type Elsewhere, takeBackAnywhere } from '../regions/elsewhere.ts';
import { subjectOf } from '../store/subject.ts';
import type { CommentReads } from './comment-reads.ts';
import { likeBody } from './like-body.ts';
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
	/** Writes that belong to another region; undefined when all that come are to be done here. */
	readonly elsewhere: Elsewhere | undefined;
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
				const { id, type, region } = parseBody(request, body, likeBody);
				const user = userOf(caller);
				const home = elsewhere?.homeOf({ user, type, region });
				if (elsewhere !== undefined && home !== undefined) return elsewhere.send(request, body, caller, home);
				const given = asLikeId(id ?? (request.headers['idempotency-key'] || randomUUID()));
				return answerWithKey(given, async () => {
					const liked = await reads.likeable(video, comment);
					const answer = await likes.like({ video: subject(liked), id: given, user, type });
					return json(answer.duplicate ? 200 : 201, { ...answer, video });
				});
			},
		},
		{
			...COMMENT_LIKE_ROUTES.takeBack,
			async handle(request) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'like', [video]);
				const comment = asCommentId(request.parameters[1]);
				const id = asLikeId(request.parameters[2]);
				return takeBackAnywhere(elsewhere, request, caller, async () => {
					const [liked] = await Promise.all([reads.liked(video, comment), reads.checkRunning(video)]);
					if (liked === undefined) throw likeNotFound();
					return json(200, await likes.takeBack({ video: subject(liked), id, user: userOf(caller) }));
				});
			},
		},
	];
}

/** What the store counts the likes of a comment by. */
function subject(comment: LikedComment): string {
	return subjectOf(commentTopic(comment));
}
