import type { Client, Video } from '@likewire/sdk';
import { describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../../../gateway/test/gateway.ts';
import { TcpGate } from '../../../gateway/test/tcp-gate.ts';
import { Phone } from './phone.ts';

/** Longer than a client keeps the stream of a hidden app, in milliseconds. */
const LONG_MS = 6 * 60_000;

const start = (): Promise<TestGateway> => startGateway({ heartbeatMs: '1000', retryMs: '100' });

async function comment(gateway: TestGateway, text: string): Promise<void> {
	const response = await fetch(`${gateway.url}/v1/videos/v1/comments`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': 'bob' },
		body: JSON.stringify({ text }),
	});
	expect(response.ok).toBe(true);
}

interface Answer {
	readonly viewers: number;
	readonly totals: Readonly<Record<string, number>>;
}

async function stored(gateway: TestGateway): Promise<Answer> {
	return (await (await fetch(`${gateway.url}/v1/videos/v1`)).json()) as Answer;
}

/** Follows the video; returns the texts of its comments as they come. */
async function follow(live: Client): Promise<{ readonly video: Video; readonly texts: string[] }> {
	const video = live.video('v1');
	const texts: string[] = [];
	video.on('comment', ({ text }) => texts.push(text));
	await expect.poll(() => video.viewers).toBe(1);
	return { video, texts };
}

function statesOf(live: Client): string[] {
	const states: string[] = [];
	live.on('state', (state) => states.push(state));
	return states;
}

describe('an app in the background', () => {
	it('keeps its stream for a while, without timers', async () => {
		const gateway = await start();
		const phone = new Phone();
		const { texts } = await follow(await phone.open({ url: gateway.url }));
		phone.setAppState('background');
		await comment(gateway, 'one');
		await expect.poll(() => texts).toEqual(['one']);
		expect((await stored(gateway)).viewers).toBe(1);
	});

	it('ends its stream after five minutes, and misses nothing once it is active', async () => {
		const gateway = await start();
		const phone = new Phone();
		const live = await phone.open({ url: gateway.url });
		const { texts } = await follow(live);
		await comment(gateway, 'one');
		await expect.poll(() => texts).toEqual(['one']);
		phone.setAppState('background');
		phone.pass(LONG_MS);
		await expect.poll(() => live.state).toBe('waiting');
		await expect.poll(async () => (await stored(gateway)).viewers).toBe(0);
		await comment(gateway, 'two');
		phone.setAppState('active');
		await expect.poll(() => texts).toEqual(['one', 'two']);
		await expect.poll(async () => (await stored(gateway)).viewers).toBe(1);
	});

	it('keeps its stream while it plays media', async () => {
		const gateway = await start();
		const phone = new Phone();
		const live = await phone.open({ url: gateway.url, playsMedia: () => true });
		const { texts } = await follow(live);
		const states = statesOf(live);
		phone.setAppState('background');
		phone.pass(LONG_MS);
		await comment(gateway, 'one');
		// Each message looks whether it is time to end.
		await comment(gateway, 'two');
		await expect.poll(() => texts).toEqual(['one', 'two']);
		expect(states).toEqual([]);
	});

	it('that iOS covers for a moment stays as it is', async () => {
		const gateway = await start();
		const phone = new Phone();
		const live = await phone.open({ url: gateway.url });
		const { texts } = await follow(live);
		const states = statesOf(live);
		phone.setAppState('inactive');
		phone.pass(LONG_MS);
		await comment(gateway, 'one');
		await expect.poll(() => texts).toEqual(['one']);
		phone.setAppState('active');
		await comment(gateway, 'two');
		await expect.poll(() => texts).toEqual(['one', 'two']);
		expect(states).toEqual([]);
	});
});

describe('an app that waits to try again', () => {
	it('tries at once when it is active', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		// A wait is drawn between nothing and half a second; this draws nearly six days.
		const phone = new Phone({ random: () => 1_000_000 });
		const live = await phone.open({ url: gate.url });
		await follow(live);
		gate.shut();
		await expect.poll(() => live.state).toBe('waiting');
		phone.setAppState('background');
		gate.open();
		phone.setAppState('active');
		expect(live.state).toBe('connecting');
		await expect.poll(() => live.state).toBe('live');
	});
});

describe('a network that is another one', () => {
	it('has the stream opened anew at once, where it was', async () => {
		const gateway = await startGateway({ retryMs: '100' });
		const phone = new Phone();
		const live = await phone.open({ url: gateway.url });
		const { texts } = await follow(live);
		await comment(gateway, 'one');
		await expect.poll(() => texts).toEqual(['one']);
		const states = statesOf(live);
		phone.setNetwork({ type: 'wifi', isConnected: true });
		expect(states).toEqual([]);
		phone.setNetwork({ type: 'cellular', isConnected: true });
		expect(states).toEqual(['waiting', 'connecting']);
		await comment(gateway, 'two');
		await expect.poll(() => texts).toEqual(['one', 'two']);
		await expect.poll(async () => (await stored(gateway)).viewers).toBe(1);
	});

	it('ends a wait for the next attempt when it comes back', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		const phone = new Phone();
		const live = await phone.open({ url: gate.url });
		await follow(live);
		phone.setNetwork({ type: 'none', isConnected: false });
		gate.shut();
		await expect.poll(() => live.state).toBe('waiting');
		gate.open();
		phone.setNetwork({ type: 'wifi', isConnected: true });
		expect(live.state).toBe('connecting');
		await expect.poll(() => live.state).toBe('live');
	});
});

describe('a like of an app that ends', () => {
	it('before an answer comes is sent by its next start, and counts once', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		const phone = new Phone();
		const { video } = await follow(await phone.open({ url: gate.url }));
		gate.loseAnswers();
		video.like();
		await expect.poll(async () => (await stored(gateway)).totals).toEqual({ heart: 1 });
		expect(phone.storage.items.size).toBe(1);
		phone.kill();
		gate.open();
		const next = await phone.open({ url: gate.url });
		await expect.poll(() => phone.storage.items.size).toBe(0);
		const { video: same } = await follow(next);
		await expect.poll(() => same.totals).toEqual({ heart: 1 });
	});

	it('before it could be sent is sent by its next start', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		const phone = new Phone();
		const { video } = await follow(await phone.open({ url: gate.url }));
		gate.shut();
		video.like();
		video.like('clap');
		await expect.poll(() => phone.storage.items.size).toBe(2);
		phone.kill();
		gate.open();
		await phone.open({ url: gate.url });
		await expect.poll(async () => (await stored(gateway)).totals).toEqual({ heart: 1, clap: 1 });
		await expect.poll(() => phone.storage.items.size).toBe(0);
	});
});
