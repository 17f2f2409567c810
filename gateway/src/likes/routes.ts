import { randomUUID } from 'node:crypto';
import { DEFAULT_REACTION, parseUuid, type VideoAnswer } from '@likewire/protocol';
import { z } from 'zod';
import { GatewayError } from '../errors.ts';
import { json } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { identify } from '../http/identity.ts';
import { asVideoId } from '../http/ids.ts';
import type { Route } from '../http/router.ts';
import type { LikesService } from './likes-service.ts';

const likeBody = z.object({
	id: z.string().optional(),
	type: z.string().default(DEFAULT_REACTION),
	region: z.string().optional(),
});

/** The routes of the Likes service. `viewersOf` counts the connections that follow a video. */
export function likesRoutes(service: LikesService, viewersOf: (video: string) => number): Route[] {
	return [
		{
			method: 'POST',
			path: '/v1/videos/:video/likes',
			async handle(request, body) {
				const video = asVideoId(request.parameters[0]);
				const { id, type } = parseBody(request, body, likeBody);
				const user = identify(request);
				const given = id ?? (request.headers['idempotency-key'] || randomUUID());
				const answer = await service.like({ video, id: asLikeId(given), user, type });
				return json(answer.duplicate ? 200 : 201, answer);
			},
		},
		{
			method: 'DELETE',
			path: '/v1/videos/:video/likes/:id',
			async handle(request) {
				const [video, id] = request.parameters;
				const like = { video: asVideoId(video), id: asLikeId(id ?? ''), user: identify(request) };
				return json(200, await service.takeBack(like));
			},
		},
		{
			method: 'GET',
			path: '/v1/videos/:video',
			async handle(request) {
				const video = asVideoId(request.parameters[0]);
				const state = await service.read(video);
				const answer: VideoAnswer = { video, ...state, viewers: viewersOf(video), at: Date.now() };
				return json(200, answer, { 'Cache-Control': 'public, max-age=1' });
			},
		},
	];
}

function asLikeId(text: string): string {
	const id = parseUuid(text);
	if (id === undefined) throw new GatewayError('invalid_like_id', 'The id of a like is a UUID.');
	return id;
}
