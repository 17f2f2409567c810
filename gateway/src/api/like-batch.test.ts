import { randomUUID } from 'node:crypto';
import { type BatchLikesAnswer, MAX_LIKES_PER_BATCH, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareCluster, shareRegions } from '../../test/cluster.ts';
import { EventStream } from '../../test/event-stream.ts';
import { startGateway } from '../../test/gateway.ts';
import { deleteLike, expectProblem, like, newVideo, postJson, postLike, readVideo } from '../../test/http-client.ts';
import { describeWithPostgres, sharePostgres } from '../../test/postgres.ts';
import { homeRegionOfUser } from '../regions/home-region.ts';

const REACTIONS = 'heart,clap,wow:once';

interface Place {
	readonly url: string;
}

const post = (gateway: Place, video: string, body: unknown, user = 'ann') =>
	postJson(gateway.url + paths.likes(video), body, { 'X-Likewire-User': user });

async function batch(gateway: Place, video: string, likes: readonly object[], more: object = {}, user?: string) {
	const response = await post(gateway, video, { likes, ...more }, user);
	expect(response.status).toBe(200);
	return (await response.json()) as BatchLikesAnswer;
}

const taps = (count: number, type?: string) =>
	Array.from({ length: count }, () => ({ id: randomUUID(), ...(type && { type }) }));

/** Tests for both stores. */
function countsBatches(start: () => Promise<Place>): void {
	it('counts each like, in the order sent, and answers with the newest state', async () => {
		const [gateway, video] = [await start(), newVideo()];
		const likes = [...taps(MAX_LIKES_PER_BATCH - 1), ...taps(1, 'clap')];
		const answer = await batch(gateway, video, likes);
		expect(answer).toEqual({
			likes: likes.map((one) => ({ type: 'heart', ...one, duplicate: false })),
			totals: { heart: MAX_LIKES_PER_BATCH - 1, clap: 1 },
			revision: MAX_LIKES_PER_BATCH,
		});
		expect(await readVideo(gateway, video)).toMatchObject({ totals: answer.totals, revision: answer.revision });
	});

	it('counts nothing twice in a retry, and answers as before', async () => {
		const [gateway, video, likes] = [await start(), newVideo(), taps(30)];
		const [first, again] = await Promise.all([batch(gateway, video, likes), batch(gateway, video, likes)]);
		const duplicates = [...first.likes, ...again.likes].filter((one) => 'duplicate' in one && one.duplicate);
		expect(duplicates).toHaveLength(30);
		expect(await batch(gateway, video, likes)).toMatchObject({ totals: { heart: 30 }, revision: 30 });
	});

	it('lets a like fail separately', async () => {
		const [gateway, video] = [await start(), newVideo()];
		const [taken, removed, own] = taps(3) as [{ id: string }, { id: string }, { id: string }];
		await like(gateway, video, { id: taken.id, user: 'bob' });
		await like(gateway, video, { id: removed.id });
		await deleteLike(gateway, video, removed.id);
		const { likes, totals } = await batch(gateway, video, [
			taken,
			{ id: own.id, type: 'boo' },
			removed,
			own,
			{ ...own, type: 'clap' },
			{ id: own.id.toUpperCase() },
		]);
		expect(likes).toEqual([
			{ id: taken.id, code: 'id_conflict' },
			{ id: own.id, code: 'unknown_reaction' },
			{ id: removed.id, type: 'heart', duplicate: true },
			{ id: own.id, type: 'heart', duplicate: false },
			{ id: own.id, code: 'id_conflict' },
			{ id: own.id, type: 'heart', duplicate: true },
		]);
		expect(totals).toEqual({ heart: 2 });
	});

	it('names the like that stands for a reaction that a user has once', async () => {
		const [gateway, video, [first, second]] = [await start(), newVideo(), taps(2, 'wow')];
		const { likes, totals } = await batch(gateway, video, [first ?? {}, second ?? {}]);
		expect(likes).toEqual([
			{ ...first, duplicate: false },
			{ ...first, duplicate: true },
		]);
		expect(totals).toEqual({ wow: 1 });
	});

	it('answers with the totals though no like of it counts, also when the video ended', async () => {
		const [gateway, video, [early, late]] = [await start(), newVideo(), taps(2)];
		await batch(gateway, video, [early ?? {}]);
		expect(await batch(gateway, video, [{ ...late, type: 'boo' }])).toMatchObject({
			totals: { heart: 1 },
			revision: 1,
		});
		expect((await postJson(gateway.url + paths.end(video), {})).status).toBe(202);
		const { likes, totals } = await batch(gateway, video, [early ?? {}, late ?? {}]);
		expect(likes).toEqual([
			{ ...early, type: 'heart', duplicate: true },
			{ ...late, code: 'video_ended' },
		]);
		expect(totals).toEqual({ heart: 1 });
	});

	it('counts likes of anonymous callers, which retry them as other users', async () => {
		const [gateway, video, likes] = [await start(), newVideo(), taps(5)];
		for (const duplicate of [false, true]) {
			const response = await postJson(gateway.url + paths.likes(video), { likes });
			const answer = (await response.json()) as BatchLikesAnswer;
			expect(answer.likes).toEqual(likes.map((one) => ({ ...one, type: 'heart', duplicate })));
		}
	});

	it('refuses a malformed batch whole, and stores nothing of it', async () => {
		const [gateway, video, [good]] = [await start(), newVideo(), taps(1)];
		const refuse = async (likes: unknown, code: 'invalid_body' | 'invalid_like_id') =>
			expectProblem(await post(gateway, video, { likes }), 400, code);
		for (const likes of [[], taps(MAX_LIKES_PER_BATCH + 1), 'x', null, 7, { 0: good }, [good, null], [good, 'x']]) {
			await refuse(likes, 'invalid_body');
		}
		for (const bad of [{}, { id: 7 }, { id: null }, { ...good, type: 7 }]) await refuse([good, bad], 'invalid_body');
		for (const id of ['', 'x', '../..', `${good?.id}\n`, '\0']) await refuse([good, { id }], 'invalid_like_id');
		expect((await readVideo(gateway, video)).totals).toEqual({});
	});

	it('sends viewers all of its likes', async () => {
		const [gateway, video] = [await start(), newVideo()];
		const viewer = await EventStream.open(gateway, video);
		await batch(gateway, video, taps(100));
		await viewer.holds(video, 100);
	});
}

describe('A batch of likes on SQLite', () => {
	countsBatches(() => startGateway({ reactions: REACTIONS }));
});

const postgres = sharePostgres();
describeWithPostgres('a batch of likes on PostgreSQL', () => {
	countsBatches(async () => startGateway({ reactions: REACTIONS, databaseUrl: await postgres().createDatabase() }));

	it('gets 503 while the store accepts none of it, and counts once it does', async () => {
		const gateway = await startGateway({ databaseUrl: await postgres().createDatabase() });
		const [video, likes] = [newVideo(), taps(3)];
		await postgres().kill();
		const refused = await post(gateway, video, { likes: [...likes, { id: randomUUID(), type: 'boo' }] });
		expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
		await expectProblem(refused, 503, 'store_unavailable');
		await postgres().start();
		const status = async () => (await post(gateway, video, { likes })).status;
		await expect.poll(status).toBe(200);
		expect((await readVideo(gateway, video)).totals).toEqual({ heart: 3 });
	});
});

describe('A batch of likes in a cluster', () => {
	const cluster = shareCluster({ 'likes-1': 'likes', 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend' });

	it.each(['dispatcher-1', 'frontend-1'])('is forwarded by %s, which stores no likes', async (name) => {
		const [node, video, likes] = [cluster().node(name), newVideo(), taps(20)];
		expect(await batch(node, video, likes)).toMatchObject({ totals: { heart: 20 } });
		expect((await batch(cluster().node('likes-1'), video, likes)).likes).toEqual(
			likes.map((one) => ({ ...one, type: 'heart', duplicate: true })),
		);
		await expectProblem(await post(node, video, { likes: [] }), 400, 'invalid_body');
	});
});

describe('A batch of likes in two regions', () => {
	const regions = shareRegions(
		['eu', 'us'],
		{ 'likes-1': 'likes', 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend' },
		{ reactions: REACTIONS },
	);
	const node = (region: string, name = 'frontend-1') => regions().region(region).node(name);
	const totalsIn = async (region: string, video: string) => (await readVideo(node(region), video)).totals;

	it('counts in the region of its first try, wherever it is retried', async () => {
		const [video, likes] = [newVideo(), taps(10)];
		for (const [index, place] of [node('us'), node('us', 'likes-1'), node('eu', 'dispatcher-1')].entries()) {
			const answer = await batch(place, video, likes, { region: 'eu' });
			expect(answer.likes).toEqual(likes.map((one) => ({ ...one, type: 'heart', duplicate: index > 0 })));
		}
		for (const region of ['eu', 'us']) await expect.poll(() => totalsIn(region, video)).toEqual({ heart: 10 });
	});

	it('is refused whole when it names an unknown region', async () => {
		const answer = await post(node('eu'), newVideo(), { likes: taps(1), region: 'mars' });
		await expectProblem(answer, 400, 'unknown_region');
	});

	it.each(['ann', 'bob', 'cem', 'dee'])('counts reactions that %s has once in the home region', async (user) => {
		const [video, hearts, wows] = [newVideo(), taps(2), taps(2, 'wow')];
		const away = homeRegionOfUser(['eu', 'us'], user) === 'eu' ? 'us' : 'eu';
		const mixed = [hearts[0] ?? {}, wows[0] ?? {}, hearts[1] ?? {}];
		const { likes } = await batch(node(away), video, mixed, {}, user);
		expect(likes).toEqual(mixed.map((one) => ({ type: 'heart', ...one, duplicate: false })));
		for (const region of ['eu', 'us']) {
			expect((await batch(node(region), video, [wows[1] ?? {}], {}, user)).likes).toEqual([
				{ ...wows[0], duplicate: true },
			]);
			await expect.poll(() => totalsIn(region, video)).toEqual({ heart: 2, wow: 1 });
		}
		expect((await postLike(node(away), video, { user, type: 'wow', ...wows[1] })).status).toBe(200);
	});
});
