import { randomUUID } from 'node:crypto';
import { type BatchLikesAnswer, MAX_POSITION_AGE_MS, paths, type RecentLike } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareCluster } from '../../test/cluster.ts';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { expectProblem, newVideo, postJson, totalsOf } from '../../test/http-client.ts';
import { SocketViewer } from '../../test/socket-viewer.ts';

const gateway = shareGateway();
const USER = { 'X-Likewire-User': 'ann' };

const post = (video: string, body: object, to: { readonly url: string } = gateway()) =>
	postJson(to.url + paths.likes(video), body, USER);

/** Values that are no position of a like of now. */
const wrongPositions = () => [
	'1',
	`${Date.now()}`,
	null,
	{},
	[],
	true,
	1.5,
	-1,
	0,
	1e300,
	Date.now() + 10_000,
	Date.now() - MAX_POSITION_AGE_MS - 1,
];

/** Resolves with the samples of the likes of a stream, once it has `count` of them. */
async function recentLikes(stream: EventStream, video: string, count: number): Promise<readonly RecentLike[]> {
	await stream.holds(video, count);
	return stream.likes(video).flatMap(({ recent }) => recent);
}

describe('The position of a like', () => {
	it('is in the sample of the viewers, and only when the like names one', async () => {
		const video = newVideo();
		const stream = await EventStream.open(gateway(), video);
		const [seen, unseen] = [randomUUID(), randomUUID()];
		const position = Date.now() - 20_000;
		expect((await post(video, { id: seen, position })).status).toBe(201);
		expect((await post(video, { id: unseen })).status).toBe(201);
		const recent = await recentLikes(stream, video, 2);
		const like = { user: 'ann', type: 'heart', at: expect.any(Number) };
		expect(recent).toEqual([
			{ id: seen, ...like, position },
			{ id: unseen, ...like },
		]);
	});

	it('is at most the time of the like, when the clock of the encoder is ahead', async () => {
		const video = newVideo();
		const stream = await EventStream.open(gateway(), video);
		expect((await post(video, { position: Date.now() + 900 })).status).toBe(201);
		const [like] = await recentLikes(stream, video, 1);
		expect(like?.position).toBe(like?.at);
	});

	it('is refused when it is no time that its user can have seen', async () => {
		const video = newVideo();
		for (const position of wrongPositions()) {
			await expectProblem(await post(video, { position }), 400, 'invalid_position');
		}
		expect(await totalsOf(gateway(), video)).toEqual({});
	});

	it('fails one like of a batch alone', async () => {
		const video = newVideo();
		const good = { id: randomUUID(), position: Date.now() };
		const wrong = wrongPositions().map((position) => ({ id: randomUUID(), position }));
		const answer = (await (await post(video, { likes: [...wrong, good] })).json()) as BatchLikesAnswer;
		expect(answer.likes).toEqual([
			...wrong.map(({ id }) => ({ id, code: 'invalid_position' })),
			{ id: good.id, type: 'heart', duplicate: false },
		]);
		expect(answer.totals).toEqual({ heart: 1 });
	});

	it('belongs to likes on a socket, too', async () => {
		const video = newVideo();
		const socket = await SocketViewer.open(gateway(), `video=${video}&user=ann`);
		const stream = await EventStream.open(gateway(), video);
		const position = Date.now() - 1_000;
		expect(await socket.request({ op: 'like', video, position })).toMatchObject({ duplicate: false });
		expect(await socket.request({ op: 'like', video, position: 1 })).toMatchObject({ code: 'invalid_position' });
		expect(await recentLikes(stream, video, 1)).toMatchObject([{ position }]);
	});

	it('does not belong to a like of a comment', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const url = gateway().url;
		expect((await postJson(url + paths.comments(video), { id, text: 'hello' }, USER)).status).toBe(201);
		const likes = url + paths.commentLikes(video, id);
		await expectProblem(await postJson(likes, { position: Date.now() }, USER), 400, 'invalid_body');
		expect((await postJson(likes, {}, USER)).status).toBe(201);
	});
});

describe('The position of a like in a cluster', () => {
	const cluster = shareCluster({ 'likes-1': 'likes', 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend' });

	it('reaches the Likes node, and from it the viewers of a frontend', async () => {
		const [video, node] = [newVideo(), cluster().node('frontend-1')];
		const stream = await EventStream.open(node, video);
		const position = Date.now() - 30_000;
		const likes = [{ id: randomUUID(), position }];
		expect((await post(video, { position }, node)).status).toBe(201);
		expect((await post(video, { likes }, node)).status).toBe(200);
		expect(await recentLikes(stream, video, 2)).toMatchObject([{ position }, { position }]);
		await expectProblem(await post(video, { position: 1 }, node), 400, 'invalid_position');
	});
});
