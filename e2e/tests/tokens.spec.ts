import { paths } from '@likewire/protocol';
import type { Client } from '@likewire/sdk';
import { expect } from '@playwright/test';
import { SignJWT } from 'jose';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import { test as base } from '../support/browser-test.ts';
import { TestGateway } from '../support/gateway.ts';

const SECRET = 'a secret of thirty-two characters';

/** Signs a token of `ann` that expires after `seconds`. The gateway allows clocks to differ by 5 s. */
function sign(seconds: number, claims = {}, secret = SECRET): Promise<string> {
	const end = Math.floor(Date.now() / 1_000) + seconds;
	const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setSubject('ann').setExpirationTime(end);
	return token.sign(new TextEncoder().encode(secret));
}

interface Options {
	readonly url: string;
	readonly token: string | undefined;
}

/** A test function with a page of another origin than the gateway, which has the SDK and can fetch tokens. */
const test = base.extend<{ gateway: TestGateway; tokens: (number | 'forged')[] }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	gateway: async ({}, use) => {
		const gateway = await TestGateway.create({ LIKEWIRE_JWT_SECRET: SECRET });
		await gateway.start();
		await use(gateway);
		await gateway.dispose();
	},
	/**
	 * The lifetimes of the fetched tokens in seconds, in order; the last one is used again. A forged token looks valid to the
	 * page, which fetches another only after the gateway refuses it.
	 */
	tokens: async ({ page, gateway }, use) => {
		const lives: (number | 'forged')[] = [];
		await page.exposeFunction('fetchToken', () => {
			const life = (lives.length > 1 ? lives.shift() : lives[0]) ?? 60;
			return life === 'forged' ? sign(60, {}, SECRET.toUpperCase()) : sign(life);
		});
		await page.goto(`${gateway.url.replace('127.0.0.1', 'localhost')}/sdk.js`);
		await use(lives);
	},
});

/** Runs in the page: records the states and errors of a client until it is closed, or was live `times` times. */
async function follow({ url, token, times }: Options & { times: number }): Promise<string[]> {
	const { createClient } = await import(/* @vite-ignore */ `${location.origin}/sdk.js`);
	const { fetchToken } = window as unknown as { fetchToken: () => Promise<string> };
	const live = createClient({ url, token: token ?? fetchToken });
	const received: string[] = [];
	live.on('error', ({ code }: { code: string }) => received.push(code));
	const video = live.video('v1');
	video.on('error', ({ code }: { code: string }) => received.push(`video: ${code}`));
	await new Promise<void>((resolve) => {
		live.on('state', (state: string) => {
			received.push(state);
			if (state === 'live' && --times === 0) resolve();
			// The error follows the state.
			if (state === 'closed') queueMicrotask(resolve);
		});
	});
	const liked = ({ totals }: { totals: { heart: number } }) => `likes: ${totals.heart}`;
	received.push(await video.like().then(liked, ({ code }: { code: string }) => `like: ${code}`));
	const all = [...received];
	live.close();
	return all;
}

test('closes a client with an expired fixed token, and reports a forbidden video only to this video', async ({
	page,
	gateway,
	tokens,
}) => {
	expect(tokens).toEqual([]);
	const received = await page.evaluate(follow, { url: gateway.url, token: await sign(-60), times: 1 });
	expect(received).toEqual(['closed', 'token_expired', 'like: token_expired']);
	const forbidden = await sign(60, { videos: ['other'] });
	expect(await page.evaluate(follow, { url: gateway.url, token: forbidden, times: 1 })).toEqual([
		'video: forbidden',
		'waiting',
		'connecting',
		'live',
		'like: forbidden',
	]);
	expect(gateway.storedLikes('v1')).toEqual([]);
});

test('fetches another token when the gateway refuses one', async ({ page, gateway, tokens }) => {
	tokens.push('forged', 60);
	const received = await page.evaluate(follow, { url: gateway.url, token: undefined, times: 1 });
	expect(received).toEqual(['waiting', 'unauthorized', 'connecting', 'live', 'likes: 1']);
	expect(gateway.storedLikes('v1').map(({ user }) => user)).toEqual(['ann']);
});

test('fetches another token when one expires during a stream', async ({ page, gateway, tokens }) => {
	// Two short tokens, since sharing streams among tabs may fetch one before the stream does.
	tokens.push(5, 5, 60);
	const received = await page.evaluate(follow, { url: gateway.url, token: undefined, times: 2 });
	expect(received).toEqual(['live', 'waiting', 'connecting', 'live', 'likes: 1']);
});

test('follows the videos of each tab when tabs of one user have different rights', async ({
	page,
	gateway,
	tokens,
}) => {
	expect(tokens).toEqual([]);
	const second = await page.context().newPage();
	await second.goto(page.url());
	/** Runs in the page; its client stays open. */
	async function watch({ url, token, video }: { url: string; token: string; video: string }): Promise<string> {
		const { createClient } = await import(/* @vite-ignore */ `${location.origin}/sdk.js`);
		const followed = createClient({ url, token }).video(video);
		return new Promise((resolve) => {
			followed.on('likes', () => resolve('live'));
			followed.on('error', ({ code }: { code: string }) => resolve(code));
		});
	}
	const seen: string[] = [];
	for (const [tab, video] of [
		[page, 'v1'],
		[second, 'v2'],
	] as const) {
		seen.push(await tab.evaluate(watch, { url: gateway.url, token: await sign(60, { videos: [video] }), video }));
	}
	expect(seen).toEqual(['live', 'live']);
});

/** Runs in the page: follows a video, and resolves with its first event. */
async function followInTab({ url, video }: { url: string; video: string }): Promise<string> {
	const tab = window as unknown as { live?: Client; fetchRights(): Promise<string> };
	const { createClient } = await import(/* @vite-ignore */ `${location.origin}/sdk.js`);
	tab.live ??= createClient({ url, token: tab.fetchRights }) as Client;
	const followed = tab.live.video(video);
	return new Promise((resolve) => {
		followed.on('likes', () => resolve('live'));
		followed.on('error', ({ code }: { code: string }) => resolve(code));
	});
}

test('keeps a tap for a page whose token has the right to its video', async ({ page, gateway, tokens }) => {
	expect(tokens).toEqual([]);
	const site = page.url();
	const kept = () =>
		page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('likewire-tap')).length);
	const posts: string[] = [];
	page.on('request', (request) => request.method() === 'POST' && posts.push(new URL(request.url()).pathname));
	const sent = () => posts.filter((path) => path === paths.likes('v1')).length;
	const rights = { videos: ['v1'] };
	await page.exposeFunction('fetchRights', () => sign(60, rights));
	/** Opens a client with the right to one video, and follows this video. */
	async function open(video: string): Promise<void> {
		rights.videos = [video];
		await page.goto(site);
		expect(await page.evaluate(followInTab, { url: gateway.url, video })).toBe('live');
	}
	const like = (video: string) =>
		page.evaluate((video) => void (window as unknown as { live: Client }).live.video(video).like(), video);
	await open('v1');
	await gateway.stop();
	await like('v1');
	await expect.poll(kept).toBe(1);
	// The page must close, or it would send the tap.
	await page.goto('about:blank');
	posts.length = 0;
	await gateway.start();
	await open('v2');
	await like('v2');
	await expect.poll(() => gateway.storedLikes('v2').length).toBe(1);
	await expect.poll(sent).toBe(1);
	await expect.poll(kept).toBe(1);
	expect(gateway.storedLikes('v1')).toEqual([]);
	await open('v1');
	await expect.poll(() => gateway.storedLikes('v1').length).toBe(1);
	await expect.poll(kept).toBe(0);
	expect(sent()).toBe(2);
});

for (const place of ['with the stream', 'without the stream'] as const) {
	test(`moves a tab ${place} to the tabs of its new rights when its token is renewed`, async ({
		page,
		gateway,
		tokens,
	}) => {
		expect(tokens).toEqual([]);
		const { url } = gateway;
		const other = await page.context().newPage();
		const rights = { videos: ['v1'] };
		const [changing, staying] = place === 'with the stream' ? [page, other] : [other, page];
		// The token expires so soon that the client fetches another for each use.
		await changing.exposeFunction('fetchRights', () => sign(8, rights));
		await staying.exposeFunction('fetchRights', () => sign(600, { videos: ['v1'] }));
		for (const tab of [page, other]) {
			if (tab === other) await tab.goto(page.url());
			expect(await tab.evaluate(followInTab, { url, video: 'v1' })).toBe('live');
		}
		expect(await connectionsOf(gateway)).toBe(1);
		rights.videos = ['v1', 'v2'];
		expect(await changing.evaluate(followInTab, { url, video: 'v2' })).toBe('live');
		await expect.poll(() => connectionsOf(gateway)).toBe(2);
		expect(await staying.evaluate(followInTab, { url, video: 'v2' })).toBe('forbidden');
		await changing.evaluate(() => (window as unknown as { live: Client }).live.video('v1').like());
		const hearts = () => staying.evaluate(() => (window as unknown as { live: Client }).live.video('v1').totals.heart);
		await expect.poll(hearts).toBe(1);
	});
}

test('accepts a token in the address of the demo and the embed, and shows a closed connection without one', async ({
	page,
	gateway,
}) => {
	const hash = `#token=${await sign(60, { videos: ['demo'] })}`;
	const state = page.locator('p[data-state], main[data-state]');
	for (const path of ['/', '/embed/demo']) {
		await page.goto('about:blank');
		await page.goto(gateway.url + path);
		await expect(state).toHaveAttribute('data-state', 'closed');
		await page.goto('about:blank');
		await page.goto(gateway.url + path + hash);
		await expect(state).toHaveAttribute('data-state', 'live');
		await page.locator('button[data-type="heart"]').click();
	}
	await expect.poll(() => gateway.storedLikes('demo').map(({ user }) => user)).toEqual(['ann', 'ann']);
});
