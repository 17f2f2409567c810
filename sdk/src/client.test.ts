import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { closeClientsAfterEach, isLive } from '../testing/client-test.ts';
import { eventually, unusedUrl } from '../testing/stream-server.ts';

const { closing, serve, connect } = closeClientsAfterEach();

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
		expect(server.posts).toEqual([]);
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

	it('reports each 60 s that its signed-in viewer is alive, while its stream is open', async () => {
		// Fake intervals control the time; the rest is real.
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
		const reports = () => server.posts.filter(({ path }) => path.endsWith('/alive'));
		await vi.advanceTimersByTimeAsync(60_000);
		await eventually(() => expect(reports()).toHaveLength(1));
		signedIn.close();
		await vi.advanceTimersByTimeAsync(120_000);
		expect(reports()).toHaveLength(1);
	});

	it('sends a token instead of a user, and keeps it for the next attempt', async () => {
		const server = await serve({ onStream: (stream, index) => (index < 2 ? stream.end() : stream.hello()) });
		let n = 0;
		const live = connect(server.url, { transport: 'sse', token: async () => `t${n++}` });
		await isLive(live);
		expect(server.streams.map(({ query }) => query.toString())).toEqual(['token=t0', 'token=t0', 'token=t0']);
	});

	it('emits each state, and why the stream was down', async () => {
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

	it('is not live before the gateway sends hello', async () => {
		const server = await serve({ onStream: (stream) => stream.write(': ok\n\n') });
		const live = connect(server.url);
		await eventually(() => expect(server.streams).toHaveLength(1));
		expect(live.state).toBe('connecting');
		server.streams[0]?.hello();
		await isLive(live);
	});

	it('tries the gateways of a list in turn', async () => {
		const refusing = await serve({ onStream: (stream) => stream.refuse(503) });
		const good = await serve();
		const live = connect([await unusedUrl(), refusing.url, good.url]);
		live.video('v1');
		await isLive(live);
		expect(good.streams[0]?.query.getAll('video')).toEqual(['v1']);
	});

	it('gives up a stream that falls silent', async () => {
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

	it('reconnects after a bye to the next gateway, no sooner than asked', async () => {
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

	it('opens the stream again when an event is not JSON', async () => {
		const server = await serve();
		const live = connect(server.url);
		const codes: string[] = [];
		live.on('error', ({ code }) => codes.push(code));
		await isLive(live);
		server.streams[0]?.write('event: likes\ndata: {"video":\n\n');
		await eventually(() => expect(server.streams).toHaveLength(2));
		expect(codes).toEqual(['unexpected_answer']);
	});

	it('leaves no stream open after a close, which is final', async () => {
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
