import { uuid, type VideoAnswer } from '@likewire/protocol';
import { videoTopic } from '../delivery/topic.ts';
import { json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { cachedBriefly } from '../http/brief-cache.ts';
import { authorize, userOf, writerOf } from '../http/caller.ts';
import type { Identify } from '../http/identity.ts';
import { asLikeId, asVideoId } from '../http/ids.ts';
import { answerWithKey } from '../http/retry-key.ts';
import type { Route, RouteName } from '../http/router.ts';
import type { Elsewhere } from '../regions/elsewhere.ts';
import { countBatch } from './like-batch.ts';
import { likesBody } from './like-body.ts';
import type { LikesService } from './likes-service.ts';

/** The routes for likes of videos; they take the role `likes`. */
export const LIKES_ROUTES = {
	give: { method: 'POST', path: '/v1/videos/:video/likes' },
	takeBack: { method: 'DELETE', path: '/v1/videos/:video/likes/:id' },
	read: { method: 'GET', path: '/v1/videos/:video' },
} as const satisfies Record<string, RouteName>;

export interface LikesRoutesOptions {
	readonly service: LikesService;
	/** Counts the connections that follow a video; undefined when nobody can tell now. */
	readonly viewersOf: (video: string) => Promise<number | undefined>;
	readonly identify: Identify;
	readonly elsewhere: Elsewhere;
}

/** The routes for likes of videos. */
export function likesRoutes({ service, viewersOf, identify, elsewhere }: LikesRoutesOptions): Route[] {
	return [
		{
			...LIKES_ROUTES.give,
			async handle(request, body) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'like', [video]);
				const { id, type, region, likes } = parseBody(request, body, likesBody);
				if (likes !== undefined) {
					return countBatch({ request, caller, video, entries: likes, region }, { service, elsewhere });
				}
				const given = asLikeId(id ?? (request.headers['idempotency-key'] || uuid()));
				const user = writerOf(caller, given);
				return elsewhere.write({ request, body, caller, region, like: { user, type } }, () =>
					answerWithKey(given, async () => {
						const answer = await service.like({ topic: videoTopic(video), id: given, user, type });
						return json(answer.duplicate ? 200 : 201, { ...answer, video });
					}),
				);
			},
		},
		{
			...LIKES_ROUTES.takeBack,
			async handle(request, body) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'like', [video]);
				const id = asLikeId(request.parameters[1]);
				const region = request.query.get('region') ?? undefined;
				return elsewhere.takeBack({ request, body, caller, region }, async () =>
					json(200, await service.takeBack({ topic: videoTopic(video), id, user: userOf(caller) })),
				);
			},
		},
		{
			...LIKES_ROUTES.read,
			async handle(request) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'watch', [video]);
				const [state, viewers] = await Promise.all([service.read(videoTopic(video)), viewersOf(video)]);
				const answer: VideoAnswer = { video, ...state, ...(viewers !== undefined && { viewers }), at: Date.now() };
				return json(200, answer, cachedBriefly(caller));
			},
		},
	];
}
