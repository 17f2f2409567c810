import { uuid } from '@likewire/protocol';
import type { z } from 'zod';
import type { Identify } from '../auth/authenticate.ts';
import { authorize, type Caller, userOf, writerOf } from '../auth/caller.ts';
import { type Answer, json } from '../http/answer.ts';
import { asLikeId, asVideoId } from '../http/ids.ts';
import type { Request } from '../http/request.ts';
import type { LikeRequest, LikesService } from '../ingest/likes-service.ts';
import type { WriteRouting } from '../regions/write-routing.ts';
import { answerWithKey } from './idempotency-key.ts';
import type { likeBody } from './validation/like-body.ts';

export interface LikeWritesOptions {
	readonly likes: LikesService;
	readonly identify: Identify;
	readonly elsewhere: WriteRouting;
}

/** A request of a caller who may like what belongs to a video. */
interface LikeWrite {
	readonly request: Request;
	readonly body: Uint8Array;
	readonly caller: Caller;
	readonly video: string;
}

/** Finds what is liked, in the region that counts the like. */
type FindLiked = () => Promise<Pick<LikeRequest, 'topic' | 'refusal'>>;

/** What requests for likes do, whatever is liked. Every method rejects with a `GatewayError`. */
export interface LikeWrites {
	/** The caller of a request, and the video that its path names, which the caller may like. */
	admit(request: Request): Promise<Omit<LikeWrite, 'body'>>;
	/** Counts a like. */
	give(write: LikeWrite & { readonly like: z.infer<typeof likeBody> }, find: FindLiked): Promise<Answer>;
	/** Takes the like of an id back. */
	takeBack(write: LikeWrite & { readonly id: string | undefined }, find: FindLiked): Promise<Answer>;
}

export function createLikeWrites({ likes, identify, elsewhere }: LikeWritesOptions): LikeWrites {
	return {
		async admit(request) {
			const caller = await identify(request);
			const video = asVideoId(request.parameters[0]);
			authorize(caller, 'like', [video]);
			return { request, caller, video };
		},

		async give({ request, body, caller, video, like: { id, type, region } }, find) {
			const given = asLikeId(id ?? (request.headers['idempotency-key'] || uuid()));
			const user = writerOf(caller, given);
			return elsewhere.write({ request, body, caller, region, like: { user, type } }, () =>
				answerWithKey(given, async () => {
					const answer = await likes.like({ ...(await find()), id: given, user, type });
					return json(answer.duplicate ? 200 : 201, { ...answer, video });
				}),
			);
		},

		async takeBack({ request, body, caller, id: text }, find) {
			const id = asLikeId(text);
			const region = request.query.get('region') ?? undefined;
			return elsewhere.takeBack({ request, body, caller, region }, async () =>
				json(200, await likes.takeBack({ ...(await find()), id, user: userOf(caller) })),
			);
		},
	};
}
