import { type ErrorCode, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { expectProblem, following, like, newVideo, postJson, readVideo } from '../../test/http-client.ts';

const gateway = shareGateway({ windowMs: '1', commitWindowMs: '0' });

/** Changes what a stream follows. */
async function change(stream: EventStream, body: unknown): Promise<Response> {
	return postJson(gateway().url + paths.subscriptions((await stream.hello()).connection), body);
}

describe('The subscriptions of a connection', () => {
	it('can grow: the added video begins with a snapshot, the others continue', async () => {
		const [first, second] = [newVideo(), newVideo()];
		await like(gateway(), second);
		const stream = await EventStream.open(gateway(), first);
		await stream.holds(first, 0);
		const response = await change(stream, { add: { videos: [second, second] } });
		expect([response.status, await response.json()]).toEqual([200, following([first, second])]);
		await stream.holds(second, 1);
		await like(gateway(), first);
		await like(gateway(), second);
		await Promise.all([stream.holds(first, 1), stream.holds(second, 2)]);
		expect(stream.likes(second).map(({ delta }) => delta)).toEqual([{}, { heart: 1 }]);
	});

	it('can shrink: a removed video sends nothing any more', async () => {
		const [kept, removed] = [newVideo(), newVideo()];
		const stream = await EventStream.open(gateway(), [kept, removed]);
		await Promise.all([stream.holds(kept, 0), stream.holds(removed, 0)]);
		const response = await change(stream, { remove: { videos: [removed, newVideo()] } });
		expect(await response.json()).toEqual(following([kept]));
		await like(gateway(), removed);
		await like(gateway(), kept);
		await stream.holds(kept, 1);
		expect(stream.likes(removed)).toHaveLength(1);
		expect((await readVideo(gateway(), removed)).viewers).toBe(0);
	});

	it('can be exchanged in one request, and a video that returns begins with a snapshot', async () => {
		const [a, b] = [newVideo(), newVideo()];
		const stream = await EventStream.open(gateway(), a);
		await stream.holds(a, 0);
		await change(stream, { add: { videos: [b] }, remove: { videos: [a] } });
		await stream.holds(b, 0);
		await like(gateway(), a);
		stream.tally.forget(a);
		await change(stream, { add: { videos: [a] }, remove: { videos: [b] } });
		await stream.holds(a, 1);
		expect(stream.likes(a).at(-1)?.delta).toEqual({});
	});

	it('are of four kinds, each named in its list, in the hello and in the answer to a change', async () => {
		const video = newVideo();
		const query = `video=${video}&conversation=c1&conversation=c1&presence=ann&topic=scores&topic=conversation:c2`;
		const stream = await EventStream.openQuery(gateway(), query);
		const first = { conversations: ['c1', 'c2'], presence: ['ann'], topics: ['scores'] };
		expect(await stream.hello()).toMatchObject(following([video], first));
		const change1 = {
			add: { presence: ['bob'], topics: ['weather', `video:${video}`] },
			remove: { conversations: ['c1'] },
		};
		expect(await (await change(stream, change1)).json()).toEqual(
			following([video], { conversations: ['c2'], presence: ['ann', 'bob'], topics: ['scores', 'weather'] }),
		);
		await stream.holds(video, 0);
		expect(new Set(stream.likes().map((event) => event.video))).toEqual(new Set([video]));
	});

	it('stay as they are when a request names nothing', async () => {
		const video = newVideo();
		const stream = await EventStream.open(gateway(), video);
		for (const body of [{}, { add: {} }, { add: { videos: [] }, remove: { videos: [] } }]) {
			const response = await change(stream, body);
			expect([response.status, await response.json()]).toEqual([200, following([video])]);
		}
	});

	it('are at most 100: a request for more is refused and changes nothing', async () => {
		const videos = Array.from({ length: 99 }, () => newVideo());
		const stream = await EventStream.open(gateway(), videos);
		const [hundredth, more, other] = [newVideo(), newVideo(), newVideo()];
		expect((await change(stream, { add: { videos: [hundredth] } })).status).toBe(200);
		await expectProblem(await change(stream, { add: { videos: [more] } }), 400, 'too_many_topics');
		const swap = { add: { videos: [more, other] }, remove: { videos: videos.slice(0, 1) } };
		await expectProblem(await change(stream, swap), 400, 'too_many_topics');
		expect(await (await change(stream, {})).json()).toEqual(following([...videos, hundredth]));
		expect((await readVideo(gateway(), more)).viewers).toBe(0);
		const fair = { add: { videos: [more] }, remove: { videos: videos.slice(0, 1) } };
		expect((await change(stream, fair)).status).toBe(200);
	});

	it.each([
		[{ add: { videos: ['good', 'b d'] } }, 'invalid_video_id'],
		[{ remove: { videos: ['a\r\nb'] } }, 'invalid_video_id'],
		[{ add: { videos: [''] } }, 'invalid_video_id'],
		[{ add: { conversations: ['a b'] } }, 'invalid_conversation_id'],
		[{ add: { presence: ['a/b'] } }, 'invalid_user_id'],
		[{ add: { topics: ['.'] } }, 'invalid_topic'],
		[{ remove: { topics: ['video:..'] } }, 'invalid_topic'],
		[{ add: { presence: Array.from({ length: 1_000 }, (_, index) => `p${index}`) } }, 'too_many_topics'],
		[{ add: { videos: 'v1' } }, 'invalid_body'],
		[{ add: { videos: [1] } }, 'invalid_body'],
		[{ add: { videos: [null] } }, 'invalid_body'],
		[{ add: null }, 'invalid_body'],
		[{ add: ['v1'] }, 'invalid_body'],
		[[], 'invalid_body'],
		['{', 'invalid_json'],
	] satisfies [unknown, ErrorCode][])('refuse %j and do not change', async (body, code) => {
		const video = newVideo();
		const stream = await EventStream.open(gateway(), video);
		await expectProblem(await change(stream, body), 400, code);
		expect(await (await change(stream, {})).json()).toEqual(following([video]));
	});

	it('are gone with the connection', async () => {
		const video = newVideo();
		const stream = await EventStream.open(gateway(), video);
		await stream.holds(video, 0);
		stream.close();
		await expect.poll(async () => (await change(stream, { add: { videos: [newVideo()] } })).status).toBe(404);
		await expectProblem(await change(stream, {}), 404, 'connection_not_found');
	});
});
