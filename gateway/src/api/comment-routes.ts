import { type DeleteCommentAnswer, uuid } from '@likewire/protocol';
import { z } from 'zod';
import type { Identify } from '../auth/authenticate.ts';
import { authorize, isModerator, userOf, writerOf } from '../auth/caller.ts';
import { json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { asCommentId, asUserId, asVideoId } from '../http/ids.ts';
import type { Request } from '../http/request.ts';
import type { Route, RouteName } from '../http/router.ts';
import type { CommentReads } from '../ingest/comment-reads.ts';
import type { LogService } from '../ingest/log-service.ts';
import type { WriteRouting } from '../regions/write-routing.ts';
import { GatewayError } from '../runtime/errors.ts';
import { cachedBriefly } from './cache-control.ts';
import { answerWithKey } from './idempotency-key.ts';
import { asCommentText } from './validation/comment-text.ts';

/** The default number of comments on a page, and the maximum. */
const [PAGE_SIZE, MAX_PAGE_SIZE] = [50, 100];

const commentBody = z.object({
	id: z.string().optional(),
	text: z.string(),
	parent: z.string().optional(),
	region: z.string().optional(),
});

/** The routes for comments; they require the role `likes`. */
export const COMMENT_ROUTES = {
	write: { method: 'POST', path: '/v1/videos/:video/comments' },
	list: { method: 'GET', path: '/v1/videos/:video/comments' },
	remove: { method: 'DELETE', path: '/v1/videos/:video/comments/:id' },
} as const satisfies Record<string, RouteName>;

export interface CommentRoutesOptions {
	readonly log: LogService;
	readonly reads: CommentReads;
	readonly identify: Identify;
	readonly writeRouting: WriteRouting;
}

export function commentRoutes({ log, reads, identify, writeRouting }: CommentRoutesOptions): Route[] {
	return [
		{
			...COMMENT_ROUTES.write,
			async handle(request, body) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'comment', [video]);
				const { id, text, parent, region } = parseBody(request, body, commentBody);
				const given = asCommentId(id ?? (request.headers['idempotency-key'] || uuid()));
				const answered = parent === undefined ? undefined : asCommentId(parent);
				const user = writerOf(caller, given);
				const comment = { video, id: given, user, text: asCommentText(text), parent: answered };
				return writeRouting.write({ request, body, caller, region }, () =>
					answerWithKey(given, async () => {
						const answer = await log.comment(comment);
						return json(answer.duplicate ? 200 : 201, answer);
					}),
				);
			},
		},
		{
			...COMMENT_ROUTES.list,
			async handle(request) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'watch', [video]);
				const page = await reads.page(video, request.query.get('before') || undefined, limitOf(request));
				return json(200, page, cachedBriefly(caller));
			},
		},
		{
			...COMMENT_ROUTES.remove,
			async handle(request, body) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				const moderator = isModerator(caller);
				authorize(caller, moderator ? 'moderate' : 'comment', [video]);
				const id = asCommentId(request.parameters[1]);
				const user = moderator ? (caller.user ?? '') : userOf(caller);
				const { query } = request;
				const named = query.get('user') ?? undefined;
				// In development mode the same name is the user that deletes, unless a header names one.
				const author = moderator && named !== undefined ? asUserId(named) : undefined;
				return writeRouting.write({ request, body, caller, region: query.get('region') ?? undefined }, async () => {
					const { duplicate } = await log.deleteComment({ video, id, user, moderator, author });
					const answer: DeleteCommentAnswer = { id, duplicate };
					return json(200, answer);
				});
			},
		},
	];
}

function limitOf({ query }: Request): number {
	const text = query.get('limit') ?? String(PAGE_SIZE);
	const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
	if (limit >= 1 && limit <= MAX_PAGE_SIZE) return limit;
	throw new GatewayError('invalid_query', `The limit of a page is a whole number from 1 to ${MAX_PAGE_SIZE}.`);
}
