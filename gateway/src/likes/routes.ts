import { randomUUID } from 'node:crypto';
import { DEFAULT_REACTION, parseUuid, type VideoAnswer } from '@likewire/protocol';
import { z } from 'zod';
import { GatewayError } from '../errors.ts';
import { json, problem } from '../http/answer.ts';
import { parseBody } from '../http/body.ts';
import { authorize, userOf } from '../http/caller.ts';
import type { Identify } from '../http/identity.ts';
import { asVideoId } from '../http/ids.ts';
import type { Route, RouteName } from '../http/router.ts';
import type { Elsewhere } from '../regions/elsewhere.ts';
import type { LikesService } from './likes-service.ts';

const likeBody = z.object({
	id: z.string().optional(),
	type: z.string().default(DEFAULT_REACTION),
	region: z.string().optional(),
});

/** The routes that take the role `likes`. */
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
	/** Writes that belong to another region; undefined when all that come are to be done here. */
	readonly elsewhere: Elsewhere | undefined;
}

/** The routes of the Likes service. */
export function likesRoutes({ service, viewersOf, identify, elsewhere }: LikesRoutesOptions): Route[] {
	return [
		{
			...LIKES_ROUTES.give,
			async handle(request, body) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'like', [video]);
				const { id, type, region } = parseBody(request, body, likeBody);
				const user = userOf(caller);
				const home = elsewhere?.homeOf({ user, type, region });
				if (elsewhere !== undefined && home !== undefined) return elsewhere.send(request, body, caller, home);
				const given = asLikeId(id ?? (request.headers['idempotency-key'] || randomUUID()));
				try {
					const answer = await service.like({ video, id: given, user, type });
					return json(answer.duplicate ? 200 : 201, answer);
				} catch (error) {
					// It may be stored all the same. With this a client that named no id can try again, and counts nothing twice.
					if (error instanceof GatewayError && error.status === 503)
						return problem(error, { 'Idempotency-Key': given });
					throw error;
				}
			},
		},
		{
			...LIKES_ROUTES.takeBack,
			async handle(request) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'like', [video]);
				const id = asLikeId(request.parameters[1] ?? '');
				try {
					return json(200, await service.takeBack({ video, id, user: userOf(caller) }));
				} catch (error) {
					const isUnknown = error instanceof GatewayError && error.code === 'like_not_found';
					const answer = isUnknown ? await elsewhere?.takeBack(request, caller) : undefined;
					if (answer === undefined) throw error;
					return answer;
				}
			},
		},
		{
			...LIKES_ROUTES.read,
			async handle(request) {
				const caller = await identify(request);
				const video = asVideoId(request.parameters[0]);
				authorize(caller, 'watch', [video]);
				const [state, viewers] = await Promise.all([service.read(video), viewersOf(video)]);
				const answer: VideoAnswer = { video, ...state, ...(viewers !== undefined && { viewers }), at: Date.now() };
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
