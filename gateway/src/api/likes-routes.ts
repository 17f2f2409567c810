import type { VideoAnswer } from '@likewire/protocol';
import { authorize } from '../auth/caller.ts';
import { json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { asVideoId } from '../http/ids.ts';
import type { Route, RouteName } from '../http/router.ts';
import { asPosition } from '../ingest/like-position.ts';
import { videoTopic } from '../state/topics/topic.ts';
import { cachedBriefly } from './cache-control.ts';
import { countBatch } from './like-batch.ts';
import { createLikeWrites, type LikeWritesOptions } from './like-writes.ts';
import { likesBody } from './validation/like-body.ts';

/** The routes for likes of videos; they require the role `likes`. */
export const LIKES_ROUTES = {
	give: { method: 'POST', path: '/v1/videos/:video/likes' },
	takeBack: { method: 'DELETE', path: '/v1/videos/:video/likes/:id' },
	read: { method: 'GET', path: '/v1/videos/:video' },
} as const satisfies Record<string, RouteName>;

export interface LikesRoutesOptions extends LikeWritesOptions {
	/** Resolves with the number of connections that follow a video; undefined when no dispatcher answers. */
	readonly viewersOf: (video: string) => Promise<number | undefined>;
}

/** Returns the routes for likes of videos. */
export function likesRoutes(options: LikesRoutesOptions): Route[] {
	const { likes: service, viewersOf, identify, writeRouting } = options;
	const { admit, give, takeBack } = createLikeWrites(options);
	return [
		{
			...LIKES_ROUTES.give,
			async handle(request, body) {
				const from = await admit(request);
				const { likes, position, ...fields } = parseBody(request, body, likesBody);
				if (likes === undefined) {
					const like = { ...fields, position: asPosition(position) };
					return give({ ...from, body, like }, async () => ({ topic: videoTopic(from.video) }));
				}
				return countBatch({ ...from, entries: likes, region: fields.region }, { service, writeRouting });
			},
		},
		{
			...LIKES_ROUTES.takeBack,
			async handle(request, body) {
				const from = await admit(request);
				const id = request.parameters[1];
				return takeBack({ ...from, body, id }, async () => ({ topic: videoTopic(from.video) }));
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
