import type { Totals } from '@likewire/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
	cleanUpAfterEach,
	eventually,
	likeAnswer,
	type Post,
	type StreamServer,
	type StreamServerOptions,
	unusedUrl,
} from '../testing/stream-server.ts';
import { type Client, type ClientOptions, createClient, type LikesUpdate, LikewireError } from './index.ts';

const { closing, serve } = cleanUpAfterEach();

function connect(url: ClientOptions['url'], options?: Partial<ClientOptions>): Client {
	const live = createClient({ url, user: 'me', ...options });
	closing.push(live.close);
	return live;
}

const isLive = (live: Client) => eventually(() => expect(live.state).toBe('live'));
const changes = (server: StreamServer) => server.posts.filter(({ path }) => path.endsWith('/subscriptions'));

function likes(hearts: number, change: Partial<LikesUpdate> = {}) {
	const base = { video: 'v1', totals: { heart: hearts }, delta: {}, recent: [], shown: 0, of: 0, revision: hearts };
	return { ...base, at: 1, ...change };
}

describe('a client', () => {
	it('opens one stream for the videos that are followed in the same turn', async () => {
		const server = await serve();
		const live = connect(server.url);
		live.video('v1');
		live.video('v2');
		expect(live.state).toBe('connecting');
		await isLive(live);
		expect(server.streams).toHaveLength(1);
		expect(server.streams[0]?.query.getAll('video')).toEqual(['v1', 'v2']);
		expect(server.streams[0]?.query.get('user')).toBe('me');
		expect(changes(server)).toEqual([]);
	});

	it('keeps a random user of its own, the same for all clients of a page', async () => {
		const server = await serve();
		connect(server.url, { user: undefined });
		connect(server.url, { user: undefined });
		await eventually(() => expect(server.streams).toHaveLength(2));
		const [first, second] = server.streams.map(({ query }) => query.get('user'));
		expect(first).toMatch(/^[0-9a-f-]{36}$/);
		expect(second).toBe(first);
	});

	it('says each 60 s that a signed-in viewer is there, while its stream is open', async () => {
		// Time is the subject; the rest of it is real.
		vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
		onTestFinished(() => {
			vi.useRealTimers();
		});
		const server = await serve();
		const signedIn = connect(server.url, { token: 't' });
		const other = connect(server.url);
		await isLive(signedIn);
		await isLive(other);
		await eventually(() => expect(vi.getTimerCount()).toBe(1));
		const said = () => server.posts.filter(({ path }) => path.endsWith('/alive'));
		await vi.advanceTimersByTimeAsync(60_000);
		await eventually(() => expect(said()).toHaveLength(1));
		signedIn.close();
		await vi.advanceTimersByTimeAsync(120_000);
		expect(said()).toHaveLength(1);
	});

	it('sends a token instead of a user, and keeps it for the next attempt', async () => {
		const server = await serve({ onStream: (stream, index) => (index < 2 ? stream.end() : stream.hello()) });
		let n = 0;
		const live = connect(server.url, { transport: 'sse', token: async () => `t${n++}` });
		await isLive(live);
		expect(server.streams.map(({ query }) => query.toString())).toEqual(['token=t0', 'token=t0', 'token=t0']);
	});

	it('tells of each state, and why it was down', async () => {
		const server = await serve();
		const live = connect(server.url);
		const states: string[] = [];
		const codes: string[] = [];
		live.on('state', (state) => states.push(state));
		live.on('error', (error) => codes.push(error.code));
		await isLive(live);
		server.streams[0]?.cut();
		await eventually(() => expect(server.streams).toHaveLength(2));
		await isLive(live);
		live.close();
		expect(states).toEqual(['live', 'waiting', 'connecting', 'live', 'closed']);
		expect(codes).toEqual(['network']);
	});

	it('is not live before the gateway said hello', async () => {
		const server = await serve({ onStream: (stream) => stream.write(': ok\n\n') });
		const live = connect(server.url);
		await eventually(() => expect(server.streams).toHaveLength(1));
		expect(live.state).toBe('connecting');
		server.streams[0]?.hello();
		await isLive(live);
	});

	it('tries a list of gateways in turn', async () => {
		const refusing = await serve({ onStream: (stream) => stream.refuse(503) });
		const good = await serve();
		const live = connect([await unusedUrl(), refusing.url, good.url]);
		live.video('v1');
		await isLive(live);
		expect(good.streams[0]?.query.getAll('video')).toEqual(['v1']);
	});

	it('gives up a stream that fell silent', async () => {
		const server = await serve({ onStream: (stream) => stream.hello({ heartbeatMs: 40 }) });
		const live = connect(server.url);
		const codes: string[] = [];
		live.on('error', ({ code }) => codes.push(code));
		await eventually(() => expect(server.streams.length).toBeGreaterThanOrEqual(2));
		expect(codes[0]).toBe('timeout');
	});

	it('keeps a stream whose only events are heartbeats', async () => {
		const server = await serve({ onStream: (stream) => stream.hello({ heartbeatMs: 100 }) });
		const live = connect(server.url);
		await isLive(live);
		const beats = setInterval(() => server.streams[0]?.send('heartbeat', { at: 1 }), 20);
		closing.push(() => clearInterval(beats));
		const since = Date.now();
		await eventually(() => expect(Date.now() - since).toBeGreaterThan(500));
		expect(server.streams).toHaveLength(1);
	});

	it('comes back after a bye, not before it was asked to, to the next gateway', async () => {
		const first = await serve();
		const second = await serve();
		const live = connect([first.url, second.url]);
		const states: string[] = [];
		live.on('state', (state) => states.push(state));
		await isLive(live);
		const byeAt = Date.now();
		first.streams[0]?.send('bye', { reason: 'shutdown', retryMs: 200 });
		await eventually(() => expect(second.streams).toHaveLength(1));
		expect((second.streams[0]?.at ?? 0) - byeAt).toBeGreaterThanOrEqual(195);
		expect((second.streams[0]?.at ?? 0) - byeAt).toBeLessThan(5000);
		await isLive(live);
		expect(states).toEqual(['live', 'waiting', 'connecting', 'live']);
		expect(first.streams).toHaveLength(1);
	});

	it('stays with its gateway after a bye that only ends a lifetime', async () => {
		const first = await serve();
		const second = await serve();
		const live = connect([first.url, second.url]);
		await isLive(live);
		first.streams[0]?.send('bye', { reason: 'lifetime', retryMs: 10 });
		await eventually(() => expect(first.streams).toHaveLength(2));
		expect(second.streams).toHaveLength(0);
	});

	it('tries at once when the network is back', async () => {
		const listeners = new Map<string, () => void>();
		vi.stubGlobal('addEventListener', (type: string, listener: () => void, { signal }: { signal: AbortSignal }) => {
			listeners.set(type, listener);
			signal.addEventListener('abort', () => listeners.delete(type));
		});
		closing.push(() => vi.unstubAllGlobals());
		const random = vi.spyOn(Math, 'random').mockReturnValue(1);
		closing.push(() => random.mockRestore());
		const server = await serve({ onStream: (stream, index) => (index < 5 ? stream.end() : stream.hello()) });
		const live = connect(server.url, { transport: 'sse' });
		live.on('state', (state) => {
			if (state === 'waiting') setImmediate(() => listeners.get('online')?.());
		});
		// The waits of this backoff would be half a second, one, two, four and eight: more than this waits for.
		await isLive(live);
		live.close();
		expect(listeners.size).toBe(0);
	});

	it('opens the stream anew when it holds what is not JSON', async () => {
		const server = await serve();
		const live = connect(server.url);
		const codes: string[] = [];
		live.on('error', ({ code }) => codes.push(code));
		await isLive(live);
		server.streams[0]?.write('event: likes\ndata: {"video":\n\n');
		await eventually(() => expect(server.streams).toHaveLength(2));
		expect(codes).toEqual(['unexpected_answer']);
	});

	it('leaves nothing open when it is closed, and closes for good', async () => {
		const server = await serve();
		const live = connect(server.url);
		const video = live.video('v1');
		await isLive(live);
		live.close();
		live.close();
		await eventually(() => expect(server.streams[0]?.isOpen).toBe(false));
		expect(live.state).toBe('closed');
		expect(() => live.video('v1')).toThrow(expect.objectContaining({ code: 'closed' }));
		await expect(video.like()).rejects.toMatchObject({ code: 'closed' });
	});

	it('may be closed by any of its own listeners', async () => {
		for (const close of ['live', 'waiting', 'connecting']) {
			const server = await serve();
			const live = connect(server.url);
			live.on('state', (state) => {
				if (state === close) live.close();
				else if (state === 'live') server.streams[0]?.cut();
			});
			await eventually(() => expect(live.state).toBe('closed'));
			await eventually(() => expect(server.streams.every(({ isOpen }) => !isOpen)).toBe(true));
			expect(server.streams).toHaveLength(1);
		}
	});
});

describe('following videos', () => {
	it('tells the gateway all changes of a turn in one request', async () => {
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

	it('sends changes one after the other', async () => {
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
	])('opens the stream anew when the gateway %s', async (_, onPost) => {
		const server = await serve({ onPost });
		const live = connect(server.url);
		live.video('v1');
		await isLive(live);
		live.video('v2');
		await eventually(() => expect(server.streams).toHaveLength(2));
		expect(server.streams[1]?.query.getAll('video')).toEqual(['v1', 'v2']);
		await isLive(live);
	});

	it('follows what was asked for while the stream was on its way', async () => {
		const server = await serve({ onStream: (stream) => stream.write(': ok\n\n') });
		const live = connect(server.url);
		live.video('v1');
		await eventually(() => expect(server.streams).toHaveLength(1));
		live.video('v2');
		server.streams[0]?.hello();
		await eventually(() => expect(changes(server)).toHaveLength(1));
		expect(changes(server)[0]?.body.add).toEqual({ videos: ['v2'] });
	});

	it('shares a video that is asked for twice, until both handles are closed', async () => {
		const server = await serve();
		const live = connect(server.url);
		const [one, two] = [live.video('v1'), live.video('v1')];
		const heard: string[] = [];
		one.on('likes', () => heard.push('one'));
		two.on('likes', () => heard.push('two'));
		await isLive(live);
		server.streams[0]?.send('likes', likes(5));
		await eventually(() => expect(heard).toEqual(['one', 'two']));
		one.close();
		server.streams[0]?.send('likes', likes(6, { delta: { heart: 1 } }));
		await eventually(() => expect(heard).toEqual(['one', 'two', 'two']));
		expect(changes(server)).toEqual([]);
		two.close();
		await eventually(() => expect(changes(server)).toHaveLength(1));
		expect(changes(server)[0]?.body.remove).toEqual({ videos: ['v1'] });
	});

	it('knows the totals of a video that is closed and asked for again in one turn', async () => {
		const server = await serve();
		const live = connect(server.url);
		const video = live.video('v1');
		await isLive(live);
		server.streams[0]?.send('likes', likes(5));
		await eventually(() => expect(video.totals).toEqual({ heart: 5 }));
		video.close();
		expect(live.video('v1').totals).toEqual({ heart: 5 });
	});

	it('refuses a 101st video, and takes it when another was closed', async () => {
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

describe('the likes of a video', () => {
	async function liveVideo(onPost?: StreamServerOptions['onPost']) {
		const server = await serve({ ...(onPost && { onPost }) });
		const live = connect(server.url);
		const video = live.video('v1');
		const updates: LikesUpdate[] = [];
		const shown: Totals[] = [];
		video.on('likes', (update) => updates.push(update));
		video.on('totals', (totals) => shown.push(totals));
		await isLive(live);
		const stream = server.streams[0];
		if (stream === undefined) throw new Error('no stream');
		stream.send('likes', likes(10));
		await eventually(() => expect(video.totals).toEqual({ heart: 10 }));
		return { server, live, video, stream, updates, shown };
	}

	it('are a snapshot, then deltas that add up to the totals, also over a new stream', async () => {
		const { server, live, video, stream, updates } = await liveVideo();
		stream.send('likes', likes(13, { delta: { heart: 3 }, of: 3 }));
		await eventually(() => expect(video.totals).toEqual({ heart: 13 }));
		stream.end();
		await eventually(() => expect(server.streams).toHaveLength(2));
		await isLive(live);
		server.streams[1]?.send('likes', likes(20));
		server.streams[1]?.send('likes', likes(21, { delta: { heart: 1 }, of: 1 }));
		await eventually(() => expect(video.totals).toEqual({ heart: 21 }));
		expect(updates.map(({ totals, delta }) => [totals.heart, delta.heart])).toEqual([
			[10, undefined],
			[13, 3],
			[20, undefined],
			[21, 1],
		]);
	});

	it('stay the same object while they stay the same', async () => {
		const { video, stream, updates } = await liveVideo();
		const { totals } = video;
		stream.send('likes', likes(10));
		await eventually(() => expect(updates).toHaveLength(2));
		expect(video.totals).toBe(totals);
	});

	it('show a tap at once, and once', async () => {
		const held: Post[] = [];
		const { server, video, stream, shown, updates } = await liveVideo((post) => held.push(post));
		const answer = video.like();
		expect(video.totals).toEqual({ heart: 11 });
		await eventually(() => expect(held).toHaveLength(1));
		held[0]?.answer(201, likeAnswer(held[0], 11));
		await expect(answer).resolves.toMatchObject({ type: 'heart', duplicate: false });
		const id = server.posts[0]?.body.id;
		const recent = [{ id, user: 'me', type: 'heart', at: 1 }];
		stream.send('likes', likes(11, { delta: { heart: 1 }, recent, shown: 1, of: 1 }));
		await eventually(() => expect(updates).toHaveLength(2));
		expect(updates[1]).toMatchObject({ totals: { heart: 11 }, delta: { heart: 1 }, own: { heart: 1 } });
		expect(shown).toEqual([{ heart: 10 }, { heart: 11 }]);
	});

	it('drop a tap that the gateway refuses', async () => {
		const { video, shown } = await liveVideo((post) => post.answer(400, { code: 'unknown_reaction', detail: 'no' }));
		await expect(video.like('laugh')).rejects.toMatchObject({ code: 'unknown_reaction', message: 'no' });
		expect(shown).toEqual([{ heart: 10 }, { heart: 10, laugh: 1 }, { heart: 10 }]);
	});

	it('drop a tap that another like of the same user stands for', async () => {
		const { video, shown } = await liveVideo((post) => {
			post.answer(200, { ...(likeAnswer(post, 10) as object), id: 'another', duplicate: true });
		});
		await expect(video.like()).resolves.toMatchObject({ id: 'another', duplicate: true });
		expect(shown).toEqual([{ heart: 10 }, { heart: 11 }, { heart: 10 }]);
	});

	it('refuse a reaction that cannot be one, without a word to the gateway', async () => {
		const { server, video, shown } = await liveVideo();
		for (const type of ['', 'Heart', 'a b', '\r\n', 'x'.repeat(33), 7, null]) {
			await expect(video.like(type as string)).rejects.toMatchObject({ code: 'unknown_reaction' });
		}
		expect(server.posts).toEqual([]);
		expect(shown).toEqual([{ heart: 10 }]);
	});

	it('keep a like on its way when the video is closed', async () => {
		const held: Post[] = [];
		const { video } = await liveVideo((post) => held.push(post));
		const answer = video.like();
		video.close();
		await eventually(() => expect(held.some(({ path }) => path.endsWith('/likes'))).toBe(true));
		for (const post of held) post.answer(200, likeAnswer(post));
		await expect(answer).resolves.toBeDefined();
	});

	it('settle every promise when the client is closed', async () => {
		const { live, video } = await liveVideo(() => {});
		const results = Promise.allSettled(Array.from({ length: 30 }, () => video.like()));
		live.close();
		for (const result of await results) {
			expect(result).toMatchObject({ status: 'rejected', reason: expect.any(LikewireError) });
			expect(result).toMatchObject({ reason: { code: 'closed' } });
		}
	});

	it('come no more once a listener or its video was unbound', async () => {
		const { video, stream, updates, shown } = await liveVideo();
		video.close();
		stream.send('likes', likes(11, { delta: { heart: 1 } }));
		const { video: other, stream: otherStream, updates: otherUpdates } = await liveVideo();
		const off = other.on('likes', () => {
			throw new Error('unbound');
		});
		off();
		otherStream.send('likes', likes(11, { delta: { heart: 1 } }));
		await eventually(() => expect(otherUpdates).toHaveLength(2));
		expect(updates).toHaveLength(1);
		expect(shown).toHaveLength(1);
	});
});
