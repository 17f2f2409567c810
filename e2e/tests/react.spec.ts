import { paths } from '@likewire/protocol';
import type { Page } from '@playwright/test';
import { fetchClusterReport } from '../../local-cluster/nodes/cluster-report.ts';
import type { TestGateway } from '../support/gateway.ts';
import { type REACTS, type ReactPage, serveReactPage } from '../support/react-page.ts';
import { test as base, expect } from '../support/test.ts';

interface Fixtures {
	/** Opens the page with a version of React. It shows the video `v1`, or `v2` after a click. */
	readonly open: (version: keyof typeof REACTS, onRequest?: (url: string) => void) => Promise<Page>;
}

const test = base.extend<Fixtures>({
	open: async ({ page, gateway }, use) => {
		const sites: ReactPage[] = [];
		const complaints: string[] = [];
		page.on('pageerror', (error) => complaints.push(String(error)));
		page.on('console', (message) => {
			if (message.type() === 'error') complaints.push(message.text());
		});
		await use(async (version, onRequest) => {
			page.on('request', (request) => onRequest?.(request.url()));
			const site = await serveReactPage(version, { url: gateway.url, first: 'v1', second: 'v2' });
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

/** Resolves with the number of streams of a gateway. */
async function connections(gateway: TestGateway): Promise<number | undefined> {
	const { members } = await fetchClusterReport(gateway);
	return members.find(({ state }) => state === 'self')?.connections;
}

const renders = (page: Page, name: string) =>
	page.evaluate((name) => (window as unknown as { renders: Record<string, number> }).renders[name], name);

for (const version of [18, 19] as const) {
	test.describe(`with React ${version}`, () => {
		test('renders only the component of a like, and shares one stream among all components', async ({
			gateway,
			open,
		}) => {
			const streams: string[] = [];
			const page = await open(version, (url) => url.includes(paths.stream) && streams.push(url));
			await expect(page.locator('#viewers')).toHaveText('1');
			await expect(page.locator('#people')).toHaveText('true 0');
			const before = await Promise.all(['viewers', 'people', 'comments'].map((name) => renders(page, name)));
			await gateway.like('v1', 'heart', 'bob');
			await expect(page.locator('#like')).toHaveText('1');
			await page.locator('#like').click();
			await expect(page.locator('#like')).toHaveText('2');
			await expect(page.locator('#whole')).toHaveText('2 1 false');
			await expect
				.poll(() => page.evaluate(() => (window as unknown as { likes: number[] }).likes.reduce((a, b) => a + b, 0)))
				.toBe(2);
			expect(await Promise.all(['viewers', 'people', 'comments'].map((name) => renders(page, name)))).toEqual(before);
			await expect.poll(() => connections(gateway)).toBe(1);
			expect(streams).toHaveLength(1);
			await page.locator('#people').click();
			await expect(page.locator('#people')).toHaveText('true 1');
		});

		test('closes the stream of an unmounted provider, and opens another when it mounts again', async ({
			gateway,
			open,
		}) => {
			const page = await open(version);
			await page.locator('#toggle').click();
			await expect.poll(() => connections(gateway)).toBe(0);
			await page.locator('#toggle').click();
			await expect(page.locator('#state')).toHaveText('live');
			await expect.poll(() => connections(gateway)).toBe(1);
		});

		test('keeps an unanswered like in the storage of the provider until it is counted', async ({ gateway, open }) => {
			const page = await open(version);
			const kept = () =>
				page.evaluate(() => [
					...(window as unknown as { kept: Map<string, string> }).kept.keys(),
					...Object.keys(localStorage),
				]);
			const taps = async () => (await kept()).filter((key) => key.startsWith('likewire-tap ')).length;
			const likes = `**${paths.likes('v1')}`;
			await page.route(likes, (route) => route.abort());
			await page.locator('#like').click();
			await expect.poll(taps).toBe(1);
			expect(await page.evaluate(() => Object.keys(localStorage).join())).not.toContain('likewire-tap');
			await page.unroute(likes);
			await page.evaluate(() => dispatchEvent(new Event('online')));
			await expect.poll(taps).toBe(0);
			expect(gateway.storedLikes('v1')).toHaveLength(1);
		});

		test('shows the state of another video, never that of the previous one', async ({ gateway, open }) => {
			await gateway.like('v1', 'heart', 'bob');
			const page = await open(version);
			await expect(page.locator('#like')).toHaveText('1');
			await page.locator('#other').click();
			await expect(page.locator('#viewers')).toHaveText('1');
			await expect(page.locator('#like')).toHaveText('0');
			await gateway.like('v1', 'heart', 'cho');
			await gateway.like('v2', 'heart', 'cho');
			await gateway.like('v2', 'heart', 'dan');
			await expect(page.locator('#like')).toHaveText('2');
		});

		test('lists comments of the history, of the stream, and unsent ones together', async ({ gateway, open }) => {
			const write = (text: string) =>
				fetch(gateway.url + paths.comments('v1'), {
					method: 'POST',
					headers: { 'Content-Type': 'application/json', 'X-Likewire-User': 'bob' },
					body: JSON.stringify({ text }),
				});
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
			await page.route(`**${paths.comments('v1')}`, async (route) => {
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
			await page.route(`**${paths.comments('v1')}`, (route) =>
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
