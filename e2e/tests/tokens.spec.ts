import { paths } from '@likewire/protocol';
import type { Client } from '@likewire/sdk';
import { expect } from '@playwright/test';
import { SignJWT } from 'jose';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import { test as base } from '../support/browser-test.ts';
import { TestGateway } from '../support/gateway.ts';

const SECRET = 'a secret of thirty-two characters';

/** A token of `ann` that ends so many seconds from now; the gateway's clock may differ by 5. */
function sign(seconds: number, claims = {}, secret = SECRET): Promise<string> {
	const end = Math.floor(Date.now() / 1_000) + seconds;
	const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setSubject('ann').setExpirationTime(end);
	return token.sign(new TextEncoder().encode(secret));
}

interface Options {
	readonly url: string;
	readonly token: string | undefined;
}

/** A page of another origin than the gateway, which has the SDK and can ask for tokens. */
const test = base.extend<{ gateway: TestGateway; tokens: (number | 'forged')[] }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	gateway: async ({}, use) => {
		const gateway = await TestGateway.create({ LIKEWIRE_JWT_SECRET: SECRET });
		await gateway.start();
		await use(gateway);
		await gateway.dispose();
	},
	/**
	 * How long the tokens last that the page gets, in its order; the last one for all that follow. A forged one looks good to
	 * the page, which asks for no other before the gateway refuses it.
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

/** Runs in the page: a client that notes its states and errors until it is closed, or live so many times. */
async function follow({ url, token, times }: Options & { times: number }): Promise<string[]> {
	const { createClient } = await import(/* @vite-ignore */ `${location.origin}/sdk.js`);
	const { fetchToken } = window as unknown as { fetchToken: () => Promise<string> };
	const live = createClient({ url, token: token ?? fetchToken });
	const heard: string[] = [];
	live.on('error', ({ code }: { code: string }) => heard.push(code));
	const video = live.video('v1');
	video.on('error', ({ code }: { code: string }) => heard.push(`video: ${code}`));
	await new Promise<void>((resolve) => {
		live.on('state', (state: string) => {
			heard.push(state);
			if (state === 'live' && --times === 0) resolve();
			// The error comes behind the state.
			if (state === 'closed') queueMicrotask(resolve);
		});
	});
	const liked = ({ totals }: { totals: { heart: number } }) => `likes: ${totals.heart}`;
	heard.push(await video.like().then(liked, ({ code }: { code: string }) => `like: ${code}`));
	const all = [...heard];
	live.close();
	return all;
}

test('a page with a fixed token stops trying when it expired, and gets an error for a forbidden video alone', async ({
	page,
	gateway,
	tokens,
}) => {
	expect(tokens).toEqual([]);
	const heard = await page.evaluate(follow, { url: gateway.url, token: await sign(-60), times: 1 });
	expect(heard).toEqual(['closed', 'token_expired', 'like: token_expired']);
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

test('a page that can fetch tokens goes on when one is refused', async ({ page, gateway, tokens }) => {
	tokens.push('forged', 60);
	const heard = await page.evaluate(follow, { url: gateway.url, token: undefined, times: 1 });
	expect(heard).toEqual(['waiting', 'unauthorized', 'connecting', 'live', 'likes: 1']);
	expect(gateway.storedLikes('v1').map(({ user }) => user)).toEqual(['ann']);
});

test('a page that can fetch tokens goes on when one ends under way', async ({ page, gateway, tokens }) => {
	// Two that end soon: the part that shares streams among tabs may ask before the stream does.
	tokens.push(5, 5, 60);
	const heard = await page.evaluate(follow, { url: gateway.url, token: undefined, times: 2 });
	expect(heard).toEqual(['live', 'waiting', 'connecting', 'live', 'likes: 1']);
});

test('tabs of a user with tokens for other videos each follow theirs', async ({ page, gateway, tokens }) => {
	expect(tokens).toEqual([]);
	const second = await page.context().newPage();
	await second.goto(page.url());
	/** Runs in the page, whose client stays open. */
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

/** Runs in the page: notes what each followed video says first. */
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

test('a tap waits for a page whose token has the right to its video', async ({ page, gateway, tokens }) => {
	expect(tokens).toEqual([]);
	const site = page.url();
	const kept = () =>
		page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('likewire-tap')).length);
	const posts: string[] = [];
	page.on('request', (request) => request.method() === 'POST' && posts.push(new URL(request.url()).pathname));
	const sent = () => posts.filter((path) => path === paths.likes('v1')).length;
	const rights = { videos: ['v1'] };
	await page.exposeFunction('fetchRights', () => sign(60, rights));
	/** Opens a client that has the right to one video, and follows it. */
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
	// Or this page would send it.
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
	test(`a tab ${place} whose token is renewed with other rights goes to the tabs with these rights`, async ({
		page,
		gateway,
		tokens,
	}) => {
		expect(tokens).toEqual([]);
		const { url } = gateway;
		const other = await page.context().newPage();
		const rights = { videos: ['v1'] };
		const [changing, staying] = place === 'with the stream' ? [page, other] : [other, page];
		// It ends so soon that each use asks for another one.
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

test('the demo and the embed show what a token in their address allows, and say so without one', async ({
	page,
	gateway,
}) => {
	const hash = `#token=${await sign(60, { videos: ['demo'] })}`;
	for (const path of ['/', '/embed/demo']) {
		await page.goto('about:blank');
		await page.goto(gateway.url + path);
		await expect(page.locator('p[data-state]')).toHaveAttribute('data-state', 'closed');
		await page.goto('about:blank');
		await page.goto(gateway.url + path + hash);
		await expect(page.locator('p[data-state]')).toHaveAttribute('data-state', 'live');
		await page.locator('button[data-type="heart"]').click();
	}
	await expect.poll(() => gateway.storedLikes('demo').map(({ user }) => user)).toEqual(['ann', 'ann']);
});
