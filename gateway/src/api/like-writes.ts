import { uuid } from '@likewire/protocol';
import type { Identify } from '../auth/authenticate.ts';
import { authorize, type Caller, userOf, writerOf } from '../auth/caller.ts';
import { type Answer, json } from '../http/answer.ts';
import { asLikeId, asVideoId } from '../http/ids.ts';
import type { Request } from '../http/request.ts';
import type { LikeRequest, LikesService } from '../ingest/likes-service.ts';
import type { WriteRouting } from '../regions/write-routing.ts';
import { answerWithKey } from './idempotency-key.ts';
import type { LikeBody } from './validation/like-body.ts';

export interface LikeWritesOptions {
	readonly likes: LikesService;
	readonly identify: Identify;
	readonly writeRouting: WriteRouting;
}

/** A request of a caller that may like what belongs to a video. */
interface LikeWrite {
	readonly request: Request;
	readonly body: Uint8Array;
	readonly caller: Caller;
	readonly video: string;
}

/** Resolves with what the user likes, in the region that counts the like. */
type FindLiked = () => Promise<Pick<LikeRequest, 'topic' | 'refusal'>>;

/** The writes of likes of videos and comments. Every method rejects with a `GatewayError`. */
export interface LikeWrites {
	/** Resolves with the caller of a request, and the video of its path, which the caller may like. */
	admit(request: Request): Promise<Omit<LikeWrite, 'body'>>;
	/** Counts a like. */
	give(
		write: LikeWrite & { readonly like: LikeBody & { readonly position?: number | undefined } },
		find: FindLiked,
	): Promise<Answer>;
	/** Takes back the like of an id. */
	takeBack(write: LikeWrite & { readonly id: string | undefined }, find: FindLiked): Promise<Answer>;
}

export function createLikeWrites({ likes, identify, writeRouting }: LikeWritesOptions): LikeWrites {
	return {
		async admit(request) {
			const caller = await identify(request);
			const video = asVideoId(request.parameters[0]);
			authorize(caller, 'like', [video]);
			return { request, caller, video };
		},

		async give({ request, body, caller, video, like: { id, type, position, region } }, find) {
			const given = asLikeId(id ?? (request.headers['idempotency-key'] || uuid()));
			const user = writerOf(caller, given);
			return writeRouting.write({ request, body, caller, region, like: { user, type } }, () =>
				answerWithKey(given, async () => {
					const answer = await likes.like({ ...(await find()), id: given, user, type, position });
					return json(answer.duplicate ? 200 : 201, { ...answer, video });
				}),
			);
		},

		async takeBack({ request, body, caller, id: text }, find) {
			const id = asLikeId(text);
			const region = request.query.get('region') ?? undefined;
			return writeRouting.takeBack({ request, body, caller, region }, async () =>
				json(200, await likes.takeBack({ ...(await find()), id, user: userOf(caller) })),
			);
		},
	};
}
