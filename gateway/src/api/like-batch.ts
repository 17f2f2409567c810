import type { BatchLikeOutcome, BatchLikesAnswer, Problem } from '@likewire/protocol';
import { type Caller, writerOf } from '../auth/caller.ts';
import { type Answer, json, problem } from '../http/answer.ts';
import { asLikeId } from '../http/ids.ts';
import type { Request } from '../http/request.ts';
import { asPosition } from '../ingest/like-position.ts';
import type { LikesService } from '../ingest/likes-service.ts';
import type { WriteRouting } from '../regions/write-routing.ts';
import { GatewayError } from '../runtime/errors.ts';
import { videoTopic } from '../state/topics/topic.ts';
import type { BatchEntry } from './validation/like-body.ts';

/** Several likes of a video in one request. */
export interface LikeBatch {
	readonly request: Request;
	readonly caller: Caller;
	readonly video: string;
	readonly entries: readonly BatchEntry[];
	/** The region of their first try. */
	readonly region: string | undefined;
}

export interface LikeBatchOptions {
	readonly service: LikesService;
	readonly writeRouting: WriteRouting;
}

/** One like of a batch. */
interface Item {
	readonly id: string;
	readonly user: string;
	readonly type: string;
	/** As the client sent it. */
	readonly position: unknown;
}

const encoder = new TextEncoder();

/**
 * Counts each like of a batch separately, in the region that it belongs to. Throws a {@link
 * GatewayError} before it stores any when an id is no UUID or the region is unknown.
 */
export async function countBatch(batch: LikeBatch, { service, writeRouting }: LikeBatchOptions): Promise<Answer> {
	const { request, caller, video, region } = batch;
	const items = batch.entries.map(({ id, type, position }): Item => {
		const given = asLikeId(id);
		return { id: given, user: writerOf(caller, given), type, position };
	});
	// A reaction that a user has once belongs to the home region of the user, so one batch may have several regions.
	const homes = items.map(({ user, type }) => writeRouting.homeRegionOf({ region, like: { user, type } }));
	const answers = await Promise.all(
		[...new Set(homes)].map(async (home) => {
			const own = items.filter((_, index) => homes[index] === home);
			const body = encoder.encode(
				JSON.stringify({ likes: own.map(({ id, type, position }) => ({ id, type, position })) }),
			);
			const write = { request, body, caller, region };
			return [home, await writeRouting.writeIn(home, write, () => countHere(video, own, service))] as const;
		}),
	);
	return joinAnswers(items, homes, new Map(answers));
}

/** Resolves with a 200, or, when no like counted, with the 503 of the first like that may count later. */
async function countHere(video: string, items: readonly Item[], service: LikesService): Promise<Answer> {
	const topic = videoTopic(video);
	const settled = await Promise.allSettled(
		// Async, so that a wrong position rejects its like alone.
		items.map(async (item) => service.like({ topic, ...item, position: asPosition(item.position) })),
	);
	let newest: Pick<BatchLikesAnswer, 'totals' | 'revision'> | undefined;
	let unavailable: GatewayError | undefined;
	const likes = settled.map((one, index): BatchLikeOutcome => {
		if (one.status === 'fulfilled') {
			const { id, type, duplicate, totals, revision } = one.value;
			// Likes of one batch may be in two transactions.
			if (newest === undefined || revision > newest.revision) newest = { totals, revision };
			return { id, type, duplicate };
		}
		const error: unknown = one.reason;
		if (!(error instanceof GatewayError)) throw error;
		if (error.status === 503) unavailable ??= error;
		return { id: items[index]?.id ?? '', code: error.code };
	});
	if (newest === undefined && unavailable !== undefined) return problem(unavailable);
	const answer: BatchLikesAnswer = { likes, ...(newest ?? (await service.read(topic))) };
	return json(200, answer);
}

/**
 * Returns one answer of those of several regions: in the order of the items, with the newest state of
 * a region.
 */
function joinAnswers(items: readonly Item[], homes: readonly string[], answers: ReadonlyMap<string, Answer>): Answer {
	const [first] = answers.values();
	if (first === undefined) throw new Error('a batch has at least one like');
	if (answers.size === 1) return first;
	const bodies = new Map([...answers].map(([home, answer]) => [home, bodyOf(answer)]));
	const counted = [...bodies.values()].filter((body) => 'likes' in body);
	if (counted.length === 0) return first;
	const newest = counted.reduce((a, b) => (b.revision > a.revision ? b : a));
	const taken = new Map<string, number>();
	const likes = items.map(({ id }, index): BatchLikeOutcome => {
		const home = homes[index] ?? '';
		const body = bodies.get(home);
		if (body === undefined || !('likes' in body)) return { id, code: body?.code ?? 'node_unavailable' };
		const place = taken.get(home) ?? 0;
		taken.set(home, place + 1);
		return body.likes[place] ?? { id, code: 'internal_error' };
	});
	const answer: BatchLikesAnswer = { likes, totals: newest.totals, revision: newest.revision };
	return json(200, answer);
}

function bodyOf({ body }: Answer): BatchLikesAnswer | Problem {
	return JSON.parse(Buffer.from(body).toString()) as BatchLikesAnswer | Problem;
}
