import { describe, expect, it } from 'vitest';
import { cleanUpAfterEach, eventually } from '../testing/stream-server.ts';
import { createClient } from './index.ts';

const { closing, serve } = cleanUpAfterEach();

const LIKES = { video: 'v1', totals: { heart: 5 }, delta: {}, recent: [], shown: 0, of: 0, revision: 5, at: 1 };

/** Data on a stream that is no event of the protocol. */
const UNREADABLE: [event: string, data: string][] = [
	['likes', '{"video":'],
	['likes', 'null'],
	['likes', '{"video":"v1"}'],
	['likes', JSON.stringify({ ...LIKES, recent: null })],
	['likes', JSON.stringify({ ...LIKES, totals: null })],
	['viewers', 'null'],
	['comment', 'text"'],
	['presence', 'null'],
	['hello', '{}'],
	['hello', 'null'],
	['hello', '{"connection":"c","region":"r","heartbeatMs":"soon"}'],
	['hello', '{"connection":"c","region":"r","heartbeatMs":-1}'],
	['bye', '{}'],
	['bye', 'null'],
	['bye', '{"reason":"shutdown","retryMs":"soon"}'],
];

const IGNORED: [event: string, data: string][] = [
	['likes', '{}'],
	['likes', '7'],
	['likes', '[]'],
	['likes', JSON.stringify({ ...LIKES, video: 'another' })],
	['comment', '"text"'],
	['custom', '{"topic":7}'],
	['typing', '{}'],
	['ended', '{"video":7}'],
	['event-of-a-later-version', 'null'],
	['constructor', 'null'],
];

async function watch() {
	const server = await serve();
	const live = createClient({ url: server.url, user: 'me', transport: 'sse' });
	closing.push(live.close);
	const codes: string[] = [];
	live.on('error', ({ code }) => codes.push(code));
	const video = live.video('v1');
	await eventually(() => expect(live.state).toBe('live'));
	return { server, live, video, codes };
}

describe('createClient', () => {
	it.each(UNREADABLE)('opens the stream again after a "%s" that cannot be read: %s', async (event, data) => {
		const { server, live, video, codes } = await watch();
		server.streams[0]?.write(`event: ${event}\ndata: ${data}\n\n`);
		await eventually(() => expect(server.streams).toHaveLength(2));
		await eventually(() => expect(live.state).toBe('live'));
		expect(codes).toEqual(['unexpected_answer']);
		server.streams[1]?.send('likes', LIKES);
		await eventually(() => expect(video.totals).toEqual({ heart: 5 }));
	});

	it.each(IGNORED)('ignores a "%s" that concerns none of its topics: %s', async (event, data) => {
		const { server, video, codes } = await watch();
		server.streams[0]?.write(`event: ${event}\ndata: ${data}\n\n`);
		server.streams[0]?.send('likes', { ...LIKES, laterField: { deep: true } } as typeof LIKES);
		await eventually(() => expect(video.totals).toEqual({ heart: 5 }));
		expect(server.streams).toHaveLength(1);
		expect(codes).toEqual([]);
	});

	it('waits when a gateway asks for more silence or a longer pause than a timer can hold', async () => {
		const server = await serve({ onStream: (stream) => stream.hello({ heartbeatMs: 1e12 }) });
		const live = createClient({ url: server.url, user: 'me', transport: 'sse' });
		closing.push(live.close);
		await eventually(() => expect(live.state).toBe('live'));
		server.streams[0]?.send('bye', { reason: 'lifetime', retryMs: 1e12 });
		await eventually(() => expect(live.state).toBe('waiting'));
		// A client that reconnected at once would have asked before this is answered.
		await fetch(server.url, { method: 'POST', body: '{}' });
		expect(server.streams).toHaveLength(1);
	});
});
