import { expect } from 'vitest';
import type { Site, SiteWindow } from '../support/site-server.ts';
import type { DrivenTab } from './browser.ts';
import type { DrivenTest } from './driven-test.ts';
import { arrives, becomesLive, openLive, stateOf } from './page.ts';

function tap(tab: DrivenTab, taps: number): Promise<void> {
	return tab.evaluate((taps) => {
		for (let n = 0; n < taps; n++) (window as unknown as SiteWindow).video.like();
	}, taps);
}

/** Resolves with the keys of the unanswered taps in storage. */
function keptIn(tab: DrivenTab): Promise<string[]> {
	return tab.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('likewire-tap')));
}

/** Taps `taps` times and leaves the page in the same task. */
async function tapAndLeave(tab: DrivenTab, taps: number, next: string): Promise<void> {
	await tab.evaluate(
		(taps, next) => {
			const { video } = window as unknown as SiteWindow;
			for (let n = 0; n < taps; n++) video.like();
			location.href = next;
		},
		taps,
		next,
	);
	await arrives(tab, next);
}

/** Cases: taps right before the user leaves a page, and the next page. */
const LEFT_PAGES: readonly {
	readonly title: string;
	readonly video: string;
	readonly taps: number;
	next(site: Site, gatewayUrl: string): string;
}[] = [
	{
		title: 'counts each of thirty taps right before the user leaves a page once',
		video: 'left',
		taps: 30,
		// The next page has no client, so only the first page can send the taps.
		next: (site) => `${site.url}/sdk.js`,
	},
	{
		title: 'counts each of a thousand taps right before the user leaves a page once, sent by this page or the next',
		video: 'many',
		// The most that a client keeps: their bodies come near the 64 KiB that a browser allows with keepalive.
		taps: 1_000,
		next: (site, gatewayUrl) => site.page(gatewayUrl, 'other', 'ann'),
	},
];

/** Declares the tests of pages that users leave. */
export function describePagehide(test: DrivenTest): void {
	for (const { title, video, taps, next } of LEFT_PAGES) {
		test(title, async ({ driven, gateway, gatewayUrl, site }) => {
			const tab = await driven.openWindow();
			await openLive(tab, site.page(gatewayUrl, video, 'ann'));
			await tapAndLeave(tab, taps, next(site, gatewayUrl));
			await expect.poll(() => gateway.storedLikes(video).length).toBe(taps);

			await openLive(tab, site.page(gatewayUrl, 'other', 'ann'));
			await expect.poll(() => keptIn(tab)).toEqual([]);
			expect(gateway.storedLikes(video)).toHaveLength(taps);
		});
	}

	test('counts each of thirty taps right before a tab is closed once', async ({
		driven,
		gateway,
		link,
		gatewayUrl,
		site,
	}) => {
		const tab = await driven.openWindow();
		await openLive(tab, site.page(gatewayUrl, 'closed', 'ann'));
		// The gateway does not see that the stream is closed: the page says that it is left.
		link.keepOpen();
		await tap(tab, 30);
		await tab.close();
		await expect.poll(() => gateway.storedLikes('closed').length).toBe(30);
		await expect.poll(() => gateway.viewers('closed')).toBe(0);
	});

	test('sends from the next page the taps of a page that the user left while the gateway was down', async ({
		driven,
		gateway,
		gatewayUrl,
		site,
	}) => {
		const tab = await driven.openWindow();
		await openLive(tab, site.page(gatewayUrl, 'away', 'ann'));
		await gateway.stop();
		await expect.poll(() => stateOf(tab)).not.toBe('live');
		await tapAndLeave(tab, 30, site.page(gatewayUrl, 'other', 'ann'));
		await gateway.start();
		await expect.poll(() => gateway.storedLikes('away').length).toBe(30);
		await becomesLive(tab);
		expect(new Set(gateway.storedLikes('away').map(({ user }) => user))).toEqual(new Set(['ann']));
	});

	test('counts no viewer for left pages, and a page that the user goes back to is live', async ({
		driven,
		gateway,
		link,
		gatewayUrl,
		site,
	}) => {
		const viewers = (video: string) => gateway.viewers(video);
		const videos = Array.from({ length: 9 }, (_, page) => `page-${page}`);
		const tab = await driven.openWindow();
		for (const video of videos) {
			await openLive(tab, site.page(gatewayUrl, video, 'ann'));
			await expect.poll(() => viewers(video)).toBe(1);
			link.keepOpen();
		}
		const left = videos.slice(0, -1);
		await expect.poll(() => Promise.all(left.map(viewers))).toEqual(left.map(() => 0));

		await tab.back();
		await arrives(tab, site.page(gatewayUrl, 'page-7', 'ann'));
		await becomesLive(tab);
		await tab.click('button');
		await expect.poll(() => gateway.storedLikes('page-7').length).toBe(1);
		await expect.poll(() => Promise.all(videos.map(viewers))).toEqual(videos.map((_, page) => (page === 7 ? 1 : 0)));
	});
}
