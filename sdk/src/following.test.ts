import { describe, expect, it } from 'vitest';
import { closeClientsAfterEach, isLive, likesEvent } from '../testing/client-test.ts';
import { eventually, type Post, type StreamServer } from '../testing/stream-server.ts';

const { serve, connect } = closeClientsAfterEach();

const changes = (server: StreamServer) => server.posts.filter(({ path }) => path.endsWith('/subscriptions'));

describe('following videos', () => {
	it('sends all changes of a turn in one request', async () => {
		const server = await serve();
		const live = connect(server.url);
		const first = live.video('v1');
		await isLive(live);
		live.video('v2');
		live.video('v3');
		first.close();
		await eventually(() => expect(changes(server)).toHaveLength(1));
		expect(changes(server)[0]).toMatchObject({
			path: '/v1/connections/c0/subscriptions',
			body: { add: { videos: ['v2', 'v3'] }, remove: { videos: ['v1'] } },
		});
	});

	it('sends one change after the other', async () => {
		const held: Post[] = [];
		const server = await serve({ onPost: (post) => held.push(post) });
		const live = connect(server.url);
		await isLive(live);
		live.video('v1');
		await eventually(() => expect(held).toHaveLength(1));
		live.video('v2').close();
		live.video('v3');
		held[0]?.answer(200, {});
		await eventually(() => expect(held).toHaveLength(2));
		expect(held.map(({ body }) => body.add.videos)).toEqual([['v1'], ['v3']]);
	});

	it.each<[string, (post: Post) => void]>([
		['does not know the connection', (post) => post.answer(404, { code: 'connection_not_found' })],
		['fails', (post) => post.answer(500, 'oh')],
		['does not answer', (post) => post.cut()],
	])('opens the stream again when the gateway %s', async (_, onPost) => {
		const server = await serve({ onPost });
		const live = connect(server.url);
		live.video('v1');
		await isLive(live);
		live.video('v2');
		await eventually(() => expect(server.streams).toHaveLength(2));
		expect(server.streams[1]?.query.getAll('video')).toEqual(['v1', 'v2']);
		await isLive(live);
	});

	it('follows videos that were added while the stream was opening', async () => {
		const server = await serve({ onStream: (stream) => stream.write(': ok\n\n') });
		const live = connect(server.url);
		live.video('v1');
		await eventually(() => expect(server.streams).toHaveLength(1));
		live.video('v2');
		server.streams[0]?.hello();
		await eventually(() => expect(changes(server)).toHaveLength(1));
		expect(changes(server)[0]?.body.add).toEqual({ videos: ['v2'] });
	});

	it('shares a video that is opened twice, until both handles close', async () => {
		const server = await serve();
		const live = connect(server.url);
		const [one, two] = [live.video('v1'), live.video('v1')];
		const received: string[] = [];
		one.on('likes', () => received.push('one'));
		two.on('likes', () => received.push('two'));
		await isLive(live);
		server.streams[0]?.send('likes', likesEvent(5));
		await eventually(() => expect(received).toEqual(['one', 'two']));
		one.close();
		server.streams[0]?.send('likes', likesEvent(6, { delta: { heart: 1 } }));
		await eventually(() => expect(received).toEqual(['one', 'two', 'two']));
		expect(changes(server)).toEqual([]);
		two.close();
		await eventually(() => expect(changes(server)).toHaveLength(1));
		expect(changes(server)[0]?.body.remove).toEqual({ videos: ['v1'] });
	});

	it('keeps the totals of a video that closes and opens again in one turn', async () => {
		const server = await serve();
		const live = connect(server.url);
		const video = live.video('v1');
		await isLive(live);
		server.streams[0]?.send('likes', likesEvent(5));
		await eventually(() => expect(video.totals).toEqual({ heart: 5 }));
		video.close();
		expect(live.video('v1').totals).toEqual({ heart: 5 });
	});

	it('refuses a 101st video, and takes it after another closed', async () => {
		const server = await serve();
		const live = connect(server.url);
		const videos = Array.from({ length: 100 }, (_, i) => live.video(`v${i}`));
		expect(() => live.video('v0')).not.toThrow();
		expect(() => live.video('more')).toThrow(expect.objectContaining({ code: 'too_many_topics' }));
		videos[7]?.close();
		live.video('more');
	});

	it.each(['', 'a b', 'a\r\nb', 'a\0', 'é', 'x'.repeat(129), 7, null])('refuses %j as an id', (id) => {
		const live = connect('http://127.0.0.1:1');
		expect(() => live.video(id as string)).toThrow(expect.objectContaining({ code: 'invalid_video_id' }));
	});
});
