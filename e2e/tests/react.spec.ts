import { paths } from '@likewire/protocol';
import type { Page } from '@playwright/test';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import { postComment } from '../support/comments.ts';
import { type REACTS, type ReactPage, serveReactPage } from '../support/react-page.ts';
import { test as base, expect } from '../support/test.ts';

interface Fixtures {
	/** Opens the page with a version of React. It shows the first video, or the second one after a click. */
	readonly open: (version: keyof typeof REACTS, onRequest?: (url: string) => void) => Promise<Page>;
	/** The ids of the two videos. */
	readonly videos: readonly [first: string, second: string];
}

const test = base.extend<Fixtures>({
	videos: async ({ ownVideo }, use) => use([`${ownVideo}-1`, `${ownVideo}-2`]),
	open: async ({ page, sharedGateway: gateway, videos: [first, second] }, use) => {
		const sites: ReactPage[] = [];
		const complaints: string[] = [];
		page.on('pageerror', (error) => complaints.push(String(error)));
		page.on('console', (message) => {
			if (message.type() === 'error') complaints.push(message.text());
		});
		await use(async (version, onRequest) => {
			page.on('request', (request) => onRequest?.(request.url()));
			const site = await serveReactPage(version, { url: gateway.url, first, second });
			sites.push(site);
			await page.goto(site.url);
			await expect(page.locator('#state')).toHaveText('live');
			return page;
		});
		for (const site of sites) site.close();
		// React logs errors such as a hydration mismatch, or a snapshot that changes on each read.
		expect(complaints.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([]);
	},
});

const renders = (page: Page, name: string) =>
	page.evaluate((name) => (window as unknown as { renders: Record<string, number> }).renders[name], name);

for (const version of [18, 19] as const) {
	test.describe(`with React ${version}`, () => {
		test('renders only the component of a like, shares one stream, and closes it with the provider', async ({
			sharedGateway: gateway,
			videos: [first],
			open,
		}) => {
			const streams: string[] = [];
			const page = await open(version, (url) => url.includes(paths.stream) && streams.push(url));
			await expect(page.locator('#viewers')).toHaveText('1');
			await expect(page.locator('#people')).toHaveText('true 0');
			const before = await Promise.all(['viewers', 'people', 'comments'].map((name) => renders(page, name)));
			await gateway.like(first, 'heart', 'bob');
			await expect(page.locator('#like')).toHaveText('1');
			await page.locator('#like').click();
			await expect(page.locator('#like')).toHaveText('2');
			await expect(page.locator('#whole')).toHaveText('2 1 false');
			await expect
				.poll(() => page.evaluate(() => (window as unknown as { likes: number[] }).likes.reduce((a, b) => a + b, 0)))
				.toBe(2);
			expect(await Promise.all(['viewers', 'people', 'comments'].map((name) => renders(page, name)))).toEqual(before);
			await expect.poll(() => connectionsOf(gateway)).toBe(1);
			expect(streams).toHaveLength(1);
			await page.locator('#people').click();
			await expect(page.locator('#people')).toHaveText('true 1');

			await page.locator('#toggle').click();
			await expect.poll(() => connectionsOf(gateway)).toBe(0);
			await page.locator('#toggle').click();
			await expect(page.locator('#state')).toHaveText('live');
			await expect.poll(() => connectionsOf(gateway)).toBe(1);
		});

		test('keeps an unanswered like in the storage of the provider, and shows the state of another video', async ({
			sharedGateway: gateway,
			videos: [first, second],
			open,
		}) => {
			const page = await open(version);
			const kept = () =>
				page.evaluate(() => [
					...(window as unknown as { kept: Map<string, string> }).kept.keys(),
					...Object.keys(localStorage),
				]);
			const taps = async () => (await kept()).filter((key) => key.startsWith('likewire-tap ')).length;
			const likes = `**${paths.likes(first)}`;
			await page.route(likes, (route) => route.abort());
			await page.locator('#like').click();
			await expect.poll(taps).toBe(1);
			expect(await page.evaluate(() => Object.keys(localStorage).join())).not.toContain('likewire-tap');
			await page.unroute(likes);
			await page.evaluate(() => dispatchEvent(new Event('online')));
			await expect.poll(taps).toBe(0);
			expect(gateway.storedLikes(first)).toHaveLength(1);

			// It shows the state of the other video, never that of the previous one.
			await expect(page.locator('#like')).toHaveText('1');
			await page.locator('#other').click();
			await expect(page.locator('#viewers')).toHaveText('1');
			await expect(page.locator('#like')).toHaveText('0');
			await gateway.like(first, 'heart', 'cho');
			await gateway.like(second, 'heart', 'cho');
			await gateway.like(second, 'heart', 'dan');
			await expect(page.locator('#like')).toHaveText('2');
		});

		test('lists comments of the history, of the stream, and unsent ones together', async ({
			sharedGateway: gateway,
			videos: [first],
			open,
		}) => {
			const write = (text: string) => postComment(gateway.url, first, 'bob', text);
			for (const text of ['one', 'two', 'three']) await write(text);
			const page = await open(version);
			const texts = page.locator('[data-comment]');
			await expect(texts).toHaveText(['two', 'three']);
			await page.locator('#more').click();
			await expect(texts).toHaveText(['one', 'two', 'three']);
			await write('four');
			await expect(texts).toHaveText(['one', 'two', 'three', 'four']);

			let answer: () => void = () => {};
			const held = new Promise<void>((resolve) => {
				answer = resolve;
			});
			await page.route(`**${paths.comments(first)}`, async (route) => {
				if (route.request().method() === 'POST') await held;
				await route.continue();
			});
			await page.locator('#text').fill('five');
			await page.locator('#send').click();
			const own = texts.last();
			await expect(own).toHaveAttribute('data-status', 'sending');
			const key = await own.getAttribute('data-key');
			answer();
			await expect(own).toHaveAttribute('data-status', 'sent');
			expect(await own.getAttribute('data-key')).toBe(key);
			await expect(texts).toHaveText(['one', 'two', 'three', 'four', 'five']);

			await page.unrouteAll();
			await page.route(`**${paths.comments(first)}`, (route) =>
				route.request().method() === 'POST'
					? route.fulfill({ status: 403, json: { code: 'forbidden', detail: 'Not now.' } })
					: route.continue(),
			);
			await page.locator('#text').fill('six');
			await page.locator('#send').click();
			await expect(own).toHaveAttribute('data-status', 'failed');
			await expect(own).toContainText('forbidden');
			const failed = await own.getAttribute('data-key');
			await page.unrouteAll();
			await own.locator('button').click();
			await expect(own).toHaveAttribute('data-status', 'sent');
			expect(await own.getAttribute('data-key')).toBe(failed);
			await expect(texts).toHaveText(['one', 'two', 'three', 'four', 'five', 'six']);
		});
	});
}
