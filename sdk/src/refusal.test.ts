import { describe, expect, it, vi } from 'vitest';
import { cleanUpAfterEach, eventually, likeAnswer, type StreamServer } from '../testing/stream-server.ts';
import { type Client, type ClientOptions, createClient } from './index.ts';
import { parseRetryAfter } from './refusal.ts';

const { closing, serve } = cleanUpAfterEach();

const isLive = (live: Client) => eventually(() => expect(live.state).toBe('live'));

describe('a client that is refused', () => {
	function watched(url: string, options?: Partial<ClientOptions>) {
		const live = createClient({ url, user: 'me', ...options });
		closing.push(live.close);
		const received: string[] = [];
		live.on('state', (state) => received.push(state));
		live.on('error', ({ code }) => received.push(code));
		return { live, received };
	}

	it.each([
		[401, 'unauthorized'],
		[401, 'token_expired'],
		[403, 'forbidden'],
	])('closes after %d with the reason, when it has no other token: %s', async (status, code) => {
		const random = vi.spyOn(Math, 'random').mockReturnValue(0);
		closing.push(() => random.mockRestore());
		const server = await serve({ onStream: (stream) => stream.refuse(status, code) });
		const { live, received } = watched(server.url, { token: 'the only one' });
		await eventually(() => expect(live.state).toBe('closed'));
		expect(received).toEqual(['closed', code]);
		expect(() => live.video('v1')).toThrow(expect.objectContaining({ code: 'closed' }));
		// A client that reconnected would have asked before this is answered.
		await fetch(server.url, { method: 'POST', body: '{}' });
		expect([server.streams.length, server.probes.length]).toEqual([1, 1]);
	});

	it.each([
		[503, 'overloaded'],
		[429, 'too_many_requests'],
	])('asks again after %d no sooner than the gateway asked for, and then once: %s', async (status, code) => {
		const server = await serve({ onStream: (stream) => stream.refuse(status, code, { 'Retry-After': '1' }) });
		const { received } = watched(server.url);
		await eventually(() => expect(server.probes).toHaveLength(3));
		expect(server.streams).toHaveLength(1);
		const times = server.probes.map(({ at }) => at);
		for (const [index, at] of times.slice(1).entries()) expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(995);
		expect(received.slice(0, 3)).toEqual(['waiting', code, 'connecting']);
	});

	it('tries the next gateway of its list at once', async () => {
		const first = await serve({ onStream: (stream) => stream.refuse(503, 'overloaded', { 'Retry-After': '60' }) });
		const second = await serve();
		const live = createClient({ url: [first.url, second.url], user: 'me' });
		closing.push(live.close);
		await isLive(live);
	});

	it('gives up a stream that leads to another origin', async () => {
		const other = await serve();
		const server = await serve({ onStream: (stream) => stream.refuse(307, undefined, { Location: other.url }) });
		const { received } = watched(server.url);
		await eventually(() => expect(received.slice(0, 2)).toEqual(['waiting', 'redirected']));
		await eventually(() => expect(other.streams[0]?.isOpen).toBe(false));
	});

	it('closes when it has no token, and the gateway requires one', async () => {
		const server = await serve({ onStream: (stream) => stream.refuse(401, 'unauthorized') });
		const { live, received } = watched(server.url);
		await eventually(() => expect(live.state).toBe('closed'));
		expect(received).toEqual(['closed', 'unauthorized']);
	});

	it('fetches a fresh token, and is live with it', async () => {
		const server = await serve({
			onStream: (stream) => (stream.query.get('token') === 't0' ? stream.refuse(401, 'token_expired') : stream.hello()),
		});
		let asked = 0;
		const { live, received } = watched(server.url, { token: async () => `t${asked++}` });
		await isLive(live);
		expect(received).toEqual(['waiting', 'token_expired', 'connecting', 'live']);
		expect(asked).toBe(2);
	});

	it('closes after a bye that its token caused, or reconnects with another token', async () => {
		const options = {
			onStream: (stream: StreamServer['streams'][number], index: number) => {
				if (index === 0 && !server.probes.includes(stream)) stream.hello();
				else if (stream.query.get('token') === 'fixed') stream.refuse(401, 'token_expired');
				else stream.hello();
			},
		};
		let server = await serve(options);
		const fixed = watched(server.url, { token: 'fixed' });
		await isLive(fixed.live);
		server.streams[0]?.send('bye', { reason: 'lifetime', retryMs: 10 });
		await eventually(() => expect(fixed.live.state).toBe('closed'));
		expect(fixed.received).toEqual(['live', 'waiting', 'connecting', 'closed', 'token_expired']);
		server = await serve(options);
		let asked = 0;
		const renewed = watched(server.url, { token: async () => `t${asked++}` });
		await isLive(renewed.live);
		server.streams[0]?.send('bye', { reason: 'lifetime', retryMs: 10 });
		await eventually(() => expect(server.streams).toHaveLength(2));
		await isLive(renewed.live);
		expect(renewed.received).toEqual(['live', 'waiting', 'connecting', 'live']);
	});

	it('closes when its token does not allow a video that it adds', async () => {
		const server = await serve({ onPost: (post) => post.answer(403, { code: 'forbidden', detail: 'Not this one.' }) });
		const { live, received } = watched(server.url, { token: 'the only one' });
		await isLive(live);
		live.video('v1');
		await eventually(() => expect(live.state).toBe('closed'));
		expect(received).toEqual(['live', 'closed', 'forbidden']);
		await eventually(() => expect(server.streams[0]?.isOpen).toBe(false));
	});

	it('has its likes counted when it may like but not watch', async () => {
		const server = await serve({
			onStream: (stream) => stream.refuse(403, 'forbidden'),
			onPost: (post) => post.answer(201, likeAnswer(post)),
		});
		const { live } = watched(server.url, { token: async () => 'for likes alone' });
		expect(await live.video('v1').like()).toMatchObject({ duplicate: false });
		expect(server.posts.map(({ body }) => body.region)).toEqual([undefined]);
	});

	it('rejects likes with the code of the gateway, also after the stream closed', async () => {
		const server = await serve({
			onStream: (stream) => stream.refuse(401, 'token_expired'),
			onPost: (post) => post.answer(401, { code: 'token_expired', detail: 'It is old.' }),
		});
		const { live } = watched(server.url, { token: 'the only one' });
		const video = live.video('v1');
		await eventually(() => expect(live.state).toBe('closed'));
		await expect(video.like()).rejects.toMatchObject({ code: 'token_expired' });
		expect(video.totals).toEqual({});
	});
});

describe('parseRetryAfter', () => {
	const now = Date.parse('2026-01-01T00:00:00Z');

	it.each<[string | null, number | undefined]>([
		[null, undefined],
		['2', 2000],
		['Thu, 01 Jan 2026 00:00:05 GMT', 5000],
		// With a clock that is ahead, each such answer would make the client ask at once.
		['Wed, 31 Dec 2025 00:00:00 GMT', undefined],
		['0', undefined],
		['99999999', 300_000],
		['soon', undefined],
	])('returns for %j a wait of %j ms', (value, ms) => {
		expect(parseRetryAfter(value, now)).toBe(ms);
	});
});
