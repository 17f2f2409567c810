import { type Client, createClient, type LikesUpdate, type Video } from '@likewire/sdk';
import { WebSocket as UndiciWebSocket } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../../gateway/test/gateway.ts';
import { TcpGate } from '../../gateway/test/tcp-gate.ts';
import { eventually } from './stream-server.ts';

// Node 20 has no WebSocket.
globalThis.WebSocket ??= UndiciWebSocket as unknown as typeof WebSocket;

const clients: Client[] = [];
afterEach(() => {
	for (const live of clients.splice(0)) live.close();
});

type Transport = NonNullable<Parameters<typeof createClient>[0]['transport']>;

function connect(url: string, transport: Transport, user = 'ann'): Client {
	const live = createClient({ url, transport, user });
	clients.push(live);
	return live;
}

/** Starts a gateway with short intervals of polls and heartbeats, which keep the tests short. */
const start = (): Promise<TestGateway> => startGateway({ pollMs: '500', heartbeatMs: '1000', retryMs: '100' });

/** Sends a write of another client. */
async function write(gateway: TestGateway, path: string, body: object, user = 'bob'): Promise<void> {
	const response = await fetch(`${gateway.url}/v1/${path}`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': user },
		body: JSON.stringify(body),
	});
	expect(response.ok).toBe(true);
}

const like = (gateway: TestGateway, video: string) => write(gateway, `videos/${video}/likes`, {});
const comment = (gateway: TestGateway, text: string) => write(gateway, 'videos/v1/comments', { text });

async function viewers(gateway: TestGateway, video: string): Promise<number> {
	return (await (await fetch(`${gateway.url}/v1/videos/${video}`)).json()).viewers;
}

/** Collects the texts of the comments of a video as they arrive. */
function textsOf(video: Video): string[] {
	const texts: string[] = [];
	video.on('comment', ({ text }) => texts.push(text));
	return texts;
}

describe.each(['sse', 'websocket', 'polling'] as const)('events over %s', (transport) => {
	const openState = transport === 'polling' ? 'polling' : 'live';

	it('add up to the totals, from a snapshot on', async () => {
		const gateway = await start();
		await like(gateway, 'v1');
		const video = connect(gateway.url, transport).video('v1');
		const updates: LikesUpdate[] = [];
		video.on('likes', (update) => updates.push(update));
		await eventually(() => expect(updates).toHaveLength(1));
		expect(updates[0]).toMatchObject({ totals: { heart: 1 }, delta: {} });
		await like(gateway, 'v1');
		await video.like();
		await like(gateway, 'v1');
		await eventually(() => expect(updates.at(-1)?.totals).toEqual({ heart: 4 }));
		expect(updates.reduce((sum, { delta }) => sum + (delta.heart ?? 0), 0)).toBe(3);
		expect(video.totals).toEqual({ heart: 4 });
	});

	it('resume after a cut: each comment comes once, in order', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		const live = connect(gate.url, transport);
		const texts = textsOf(live.video('v1'));
		await eventually(() => expect(live.state).toBe(openState));
		await comment(gateway, 'one');
		await eventually(() => expect(texts).toEqual(['one']));
		gate.shut();
		await eventually(() => expect(live.state).not.toBe(openState));
		await comment(gateway, 'two');
		await comment(gateway, 'three');
		gate.open();
		await eventually(() => expect(texts).toEqual(['one', 'two', 'three']));
		await comment(gateway, 'four');
		await eventually(() => expect(texts).toEqual(['one', 'two', 'three', 'four']));
	});

	it('resume after a connection is half open, of which no party learns', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		const live = connect(gate.url, transport);
		const texts = textsOf(live.video('v1'));
		await eventually(() => expect(live.state).toBe(openState));
		// A topic has a cursor only from its first event on.
		await comment(gateway, 'zero');
		await eventually(() => expect(texts).toEqual(['zero']));
		gate.silence();
		await comment(gateway, 'one');
		await expect.poll(() => live.state).not.toBe(openState);
		gate.open();
		await expect.poll(() => texts).toEqual(['zero', 'one']);
	});

	it('arrive whole over a slow link, in pieces that are cut anywhere', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		gate.slow();
		const live = connect(gate.url, transport);
		const video = live.video('v1');
		const texts = textsOf(video);
		await eventually(() => expect(live.state).toBe(openState));
		await comment(gateway, 'ö'.repeat(200));
		await like(gateway, 'v1');
		await video.like();
		await expect.poll(() => [texts, video.totals]).toEqual([['ö'.repeat(200)], { heart: 2 }]);
	});

	it('arrive once when a stalled link goes on', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		const live = connect(gate.url, transport);
		const video = live.video('v1');
		const texts = textsOf(video);
		await eventually(() => expect(live.state).toBe(openState));
		await comment(gateway, 'zero');
		await eventually(() => expect(texts).toEqual(['zero']));
		gate.stall();
		const liked = video.like();
		await comment(gateway, 'one');
		gate.open();
		await liked;
		await comment(gateway, 'two');
		await expect.poll(() => [texts, video.totals]).toEqual([['zero', 'one', 'two'], { heart: 1 }]);
	});

	it('follow the topics as they change', async () => {
		const gateway = await start();
		const live = connect(gateway.url, transport);
		const first = live.video('v1');
		await eventually(() => expect(first.viewers).toBe(1));
		const second = live.video('v2');
		await eventually(() => expect(second.viewers).toBe(1));
		await like(gateway, 'v2');
		await eventually(() => expect(second.totals).toEqual({ heart: 1 }));
		first.close();
		await eventually(async () => expect(await viewers(gateway, 'v1')).toBe(0));
		expect(await viewers(gateway, 'v2')).toBe(1);
		live.close();
		await eventually(async () => expect(await viewers(gateway, 'v2')).toBe(0));
	});

	it('show that a user is online', async () => {
		const gateway = await start();
		const presence = connect(gateway.url, transport, 'ann').presence(['ann', 'bob']);
		await eventually(() => expect(presence.users.ann?.online).toBe(true));
		await eventually(() => expect(presence.users.bob?.online).toBe(false));
		const bob = connect(gateway.url, transport, 'bob');
		bob.video('v1');
		await eventually(() => expect(presence.users.bob?.online).toBe(true));
	});

	it('arrive for 100 topics of long names', async () => {
		const gateway = await start();
		const live = connect(gateway.url, transport);
		const names = Array.from({ length: 100 }, (_, index) => `v${index}`.padEnd(120, 'x'));
		const videos = names.map((name) => live.video(name));
		await eventually(() => expect(videos.map(({ viewers }) => viewers)).toEqual(names.map(() => 1)));
		await like(gateway, names.at(-1) as string);
		await eventually(() => expect(videos.at(-1)?.totals).toEqual({ heart: 1 }));
	});
});

// The gateway keeps no signals, so a poll would come too late.
describe.each(['sse', 'websocket'] as const)('signals over %s', (transport) => {
	it('show that a user types', async () => {
		const gateway = await start();
		const live = connect(gateway.url, transport, 'ann');
		const conversation = live.conversation('c1');
		await eventually(() => expect(live.state).toBe('live'));
		await write(gateway, 'conversations/c1/typing', { typing: true });
		await eventually(() => expect(conversation.typingUsers).toEqual(['bob']));
		await write(gateway, 'conversations/c1/typing', { typing: false });
		await eventually(() => expect(conversation.typingUsers).toEqual([]));
	});
});

describe('the transport `auto`', () => {
	it('is Server-Sent Events where they come through', async () => {
		const gateway = await start();
		const live = connect(gateway.url, 'auto');
		const video = live.video('v1');
		await eventually(() => expect(video.viewers).toBe(1));
		expect(live.state).toBe('live');
	});

	it('does not change when the gateway refuses, since the network is not the cause', async () => {
		const gateway = await startGateway({ jwtSecret: 'a secret of thirty-two characters' });
		const live = connect(gateway.url, 'auto');
		live.video('v1');
		const states: string[] = [];
		live.on('state', (state) => states.push(state));
		await eventually(() => expect(live.state).toBe('closed'));
		expect(states).not.toContain('polling');
	});
});
