import type { Client, Video } from '@likewire/sdk';
import { expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../../../gateway/test/gateway.ts';
import { TcpGate } from '../../../gateway/test/tcp-gate.ts';

/** Longer than a client keeps the stream of an app in the background, in milliseconds. */
export const LONG_MS = 6 * 60_000;

/** A running app. */
export interface RunningApp {
	readonly live: Client;
	/** Returns the texts of all comments of a video, newest first, read one a page. */
	readHistory(video: Video): Promise<readonly string[]>;
	/** Ends the app as the user or the system does, without a request to the gateway. */
	kill(): void;
}

/** A phone with one app, built in any way. Its storage outlives each start of the app. */
export interface AppPhone {
	/** Starts the app, which follows no topic yet, with a gateway at this address. */
	start(url: string): Promise<RunningApp>;
	setAppState(state: 'active' | 'background'): void;
	/** Connects the phone to another network. */
	setNetwork(type: string): void;
	/** Moves its clock ahead. */
	pass(ms: number): void;
	/** Returns how many texts its storage holds. */
	kept(): number;
}

/** Sends a write of another client. */
export async function write(gateway: TestGateway, path: string, body: object): Promise<void> {
	const response = await fetch(`${gateway.url}/v1/${path}`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': 'bob' },
		body: JSON.stringify(body),
	});
	expect(response.ok).toBe(true);
}

export const comment = (gateway: TestGateway, text: string) => write(gateway, 'videos/v1/comments', { text });

interface Answer {
	readonly viewers: number;
	readonly totals: Readonly<Record<string, number>>;
}

/** Returns the video as the gateway stores it. */
export async function stored(gateway: TestGateway): Promise<Answer> {
	return (await (await fetch(`${gateway.url}/v1/videos/v1`)).json()) as Answer;
}

/** Starts a gateway whose clients reconnect after 100 ms, so that each state shows. */
export const startSlowly = (): Promise<TestGateway> => startGateway({ heartbeatMs: '1000', retryMs: '100' });

/** Follows the video; returns the texts of its comments as they arrive. */
export async function follow(live: Client): Promise<{ readonly video: Video; readonly texts: string[] }> {
	const video = live.video('v1');
	const texts: string[] = [];
	video.on('comment', ({ text }) => texts.push(text));
	await expect.poll(() => video.viewers).toBe(1);
	return { video, texts };
}

/** Defines the tests of an app that talks to a gateway. */
export function itTalks(createPhone: () => AppPhone): void {
	/** Starts the app behind a gate, and follows a video with its client. */
	async function startApp() {
		const phone = createPhone();
		const gateway = await startSlowly();
		const gate = await TcpGate.before(gateway.url);
		const app = await phone.start(gate.url);
		return { phone, gateway, gate, app, live: app.live, ...(await follow(app.live)) };
	}

	it('likes, comments, reads the history, and shows the users that type', async () => {
		const { gateway, app, live, video, texts } = await startApp();
		expect(live.state).toBe('live');
		const conversation = live.conversation('c1');
		const liked = video.like();
		expect(video.totals).toEqual({ heart: 1 });
		expect(await liked).toMatchObject({ totals: { heart: 1 }, duplicate: false });
		await write(gateway, 'videos/v1/likes', {});
		await expect.poll(() => video.totals).toEqual({ heart: 2 });
		await video.comment('one');
		await comment(gateway, 'two');
		await expect.poll(() => texts).toEqual(['one', 'two']);
		expect([...(await app.readHistory(video))]).toEqual(['two', 'one']);
		// The gateway sends typing only to viewers that follow already.
		await expect
			.poll(async () => {
				await write(gateway, 'conversations/c1/typing', { typing: true });
				return conversation.typingUsers;
			})
			.toEqual(['bob']);
	});

	it('resumes after a cut: each comment comes once, in order', async () => {
		const { gateway, gate, live, texts } = await startApp();
		await comment(gateway, 'one');
		await expect.poll(() => texts).toEqual(['one']);
		gate.shut();
		await expect.poll(() => live.state).not.toBe('live');
		await comment(gateway, 'two');
		gate.open();
		await expect.poll(() => texts).toEqual(['one', 'two']);
	});

	it('resumes on another network', async () => {
		const { phone, gateway, live, texts } = await startApp();
		const states: string[] = [];
		live.on('state', (state) => states.push(state));
		phone.setNetwork('cellular');
		await expect.poll(() => states).toEqual(['waiting', 'connecting', 'live']);
		await comment(gateway, 'one');
		await expect.poll(() => texts).toEqual(['one']);
	});

	it('ends its stream in the background, and misses no comment once it is active', async () => {
		const { phone, gateway, live, texts } = await startApp();
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

	it('sends the likes of an app that was killed, each once', async () => {
		const { phone, gateway, gate, app, video } = await startApp();
		gate.loseAnswers();
		video.like().catch(() => {});
		await expect.poll(async () => (await stored(gateway)).totals).toEqual({ heart: 1 });
		gate.shut();
		video.like('clap').catch(() => {});
		await expect.poll(() => phone.kept()).toBe(2);
		app.kill();
		gate.open();
		const { video: next } = await follow((await phone.start(gate.url)).live);
		await expect.poll(async () => (await stored(gateway)).totals).toEqual({ heart: 1, clap: 1 });
		await expect.poll(() => next.totals).toEqual({ heart: 1, clap: 1 });
		await expect.poll(() => phone.kept()).toBe(0);
	});
}
