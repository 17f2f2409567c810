import { randomUUID } from 'node:crypto';
import { DEFAULT_REACTION, parseUuid, type VideoAnswer } from '@likewire/protocol';
import { z } from 'zod';
import { GatewayError } from '../errors.ts';
import { json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { authorize, userOf } from '../http/caller.ts';
import type { Identify } from '../http/identity.ts';
import { asVideoId } from '../http/ids.ts';
import type { Route } from '../http/router.ts';
import type { LikesService } from './likes-service.ts';

const likeBody = z.object({
	id: z.string().optional(),
	type: z.string().default(DEFAULT_REACTION),
	region: z.string().optional(),
});

export interface LikesRoutesOptions {
	readonly service: LikesService;
	/** Counts the connections that follow a video. */
	readonly viewersOf: (video: string) => number;
	readonly identify: Identify;
}

/** The routes of the Likes service. */
export function likesRoutes({ service, viewersOf, identify }: LikesRoutesOptions): Route[] {
	return [
		{
			method: 'POST',
			path: '/v1/videos/:video/likes',
			async handle(request, body) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'like', [video]);
				const { id, type } = parseBody(request, body, likeBody);
				const user = userOf(caller);
				const given = id ?? (request.headers['idempotency-key'] || randomUUID());
				const answer = await service.like({ video, id: asLikeId(given), user, type });
				return json(answer.duplicate ? 200 : 201, answer);
			},
		},
		{
			method: 'DELETE',
			path: '/v1/videos/:video/likes/:id',
			async handle(request) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'like', [video]);
				const id = asLikeId(request.parameters[1] ?? '');
				return json(200, await service.takeBack({ video, id, user: userOf(caller) }));
			},
		},
		{
			method: 'GET',
			path: '/v1/videos/:video',
			async handle(request) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'watch', [video]);
				const state = await service.read(video);
				const answer: VideoAnswer = { video, ...state, viewers: viewersOf(video), at: Date.now() };
				// A cache between knows nothing of tokens and would show it to everybody.
				const cache = caller.proof === 'none' ? 'public' : 'private';
				return json(200, answer, { 'Cache-Control': `${cache}, max-age=1` });
			},
		},
	];
}

function asLikeId(text: string): string {
	const id = parseUuid(text);
	if (id === undefined) throw new GatewayError('invalid_like_id', 'The id of a like is a UUID.');
	return id;
}
