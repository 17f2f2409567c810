import { type Client, createClient, type Video } from '@likewire/sdk';
import { WebSocket as UndiciWebSocket } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startGateway, type TestGateway } from '../../gateway/test/gateway.ts';
import { NetworkFilter } from './network-filter.ts';
import { eventually } from './stream-server.ts';

// Node 20 has no WebSocket.
globalThis.WebSocket ??= UndiciWebSocket as unknown as typeof WebSocket;

/** How long a client polls before it tries a stream again, in milliseconds; it doubles after a failure. */
const CLIMB_MS = 30_000;

/** How long a stream may take to send `hello`, in milliseconds. */
const HELLO_TIMEOUT_MS = 10_000;

const clients: Client[] = [];

/** Lets time run as usual, while a test may skip the waits that it checks. */
function skipWaits(...more: 'Date'[]): void {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', ...more], shouldAdvanceTime: true });
}

afterEach(() => {
	for (const live of clients.splice(0)) live.close();
	vi.useRealTimers();
});

/** Opens a gateway behind a filter, and a client that chooses its transport. */
async function open(rules: Partial<Pick<NetworkFilter, 'streams' | 'sockets' | 'onHold'>>) {
	const gateway = await startGateway({ pollMs: '500', heartbeatMs: '1000', retryMs: '100' });
	const filter = Object.assign(await NetworkFilter.before(gateway.url), rules);
	const live = createClient({ url: filter.url, user: 'ann' });
	clients.push(live);
	const video = live.video('v1');
	const texts: string[] = [];
	video.on('comment', ({ text }) => texts.push(text));
	return { gateway, filter, live, video, texts };
}

async function comment(gateway: TestGateway, text: string): Promise<void> {
	const response = await fetch(`${gateway.url}/v1/videos/v1/comments`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': 'bob' },
		body: JSON.stringify({ text }),
	});
	expect(response.ok).toBe(true);
}

async function expectLikeToCount(video: Video): Promise<void> {
	await expect(video.like()).resolves.toMatchObject({ totals: { heart: 1 } });
	await eventually(() => expect(video.totals).toEqual({ heart: 1 }));
}

const hasState = (live: Client, state: string) => eventually(() => expect(live.state).toBe(state));

describe('the transport `auto`', () => {
	it('takes a WebSocket where a filter answers streams with a page', async () => {
		const { gateway, filter, live, video, texts } = await open({ streams: 'block' });
		await hasState(live, 'live');
		await comment(gateway, 'one');
		await eventually(() => expect(texts).toEqual(['one']));
		await expectLikeToCount(video);
		expect(filter).toMatchObject({ openSockets: 1, asked: { poll: 0 } });
	});

	it('takes a WebSocket where the network holds back the events of streams', async () => {
		// The client measures the silence of a stream by the clock.
		skipWaits('Date');
		const { gateway, filter, live, video, texts } = await open({
			streams: 'hold',
			onHold: () => vi.advanceTimersByTime(HELLO_TIMEOUT_MS),
		});
		await hasState(live, 'live');
		await comment(gateway, 'one');
		await eventually(() => expect(texts).toEqual(['one']));
		await expectLikeToCount(video);
		expect(filter).toMatchObject({ openSockets: 1, asked: { poll: 0 } });
	});

	it('polls where neither comes through, and misses no event', async () => {
		const { gateway, live, video, texts } = await open({ streams: 'block', sockets: 'block' });
		await hasState(live, 'polling');
		await comment(gateway, 'one');
		await eventually(() => expect(texts).toEqual(['one']));
		await expectLikeToCount(video);
	});

	it('climbs from polling to a WebSocket by itself, also at the second try, and misses no event', async () => {
		skipWaits();
		const { gateway, filter, live, video, texts } = await open({ streams: 'block', sockets: 'block' });
		await hasState(live, 'polling');
		await comment(gateway, 'one');
		await eventually(() => expect(texts).toEqual(['one']));
		const { socket } = filter.asked;
		vi.advanceTimersByTime(CLIMB_MS);
		await eventually(() => expect(filter.asked.socket).toBe(socket + 1));
		await comment(gateway, 'two');
		await hasState(live, 'polling');
		await eventually(() => expect(texts).toEqual(['one', 'two']));
		filter.streams = filter.sockets = 'pass';
		vi.advanceTimersByTime(2 * CLIMB_MS);
		await comment(gateway, 'three');
		await hasState(live, 'live');
		await comment(gateway, 'four');
		await eventually(() => expect(texts).toEqual(['one', 'two', 'three', 'four']));
		// The viewer of the polls no longer counts.
		await eventually(() => expect(video.viewers).toBe(1));
		await expectLikeToCount(video);
		expect(filter.openSockets).toBe(1);
	});

	it('climbs from polling to Server-Sent Events by itself where sockets stay blocked', async () => {
		skipWaits();
		const { gateway, filter, live, video, texts } = await open({ streams: 'block', sockets: 'block' });
		await hasState(live, 'polling');
		await comment(gateway, 'one');
		await eventually(() => expect(texts).toEqual(['one']));
		filter.streams = 'pass';
		vi.advanceTimersByTime(CLIMB_MS);
		await hasState(live, 'live');
		await comment(gateway, 'two');
		await eventually(() => expect(texts).toEqual(['one', 'two']));
		await eventually(() => expect(video.viewers).toBe(1));
		await expectLikeToCount(video);
		expect(filter.openSockets).toBe(0);
	});
});
