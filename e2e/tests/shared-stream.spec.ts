import type { Page } from '@playwright/test';
import { connectionsOf } from '../cluster/cluster-report.ts';
import { expect, show, stateOf, test } from '../support/site.ts';
import type { Site, SiteWindow } from '../support/site-server.ts';
import { crash } from '../support/tab.ts';

const hearts = (page: Page) => page.evaluate(() => (window as unknown as SiteWindow).video?.totals.heart ?? 0);

async function openTabs(visitor: Page, site: Site, gateway: string, videos: readonly string[]): Promise<Page[]> {
	const tabs: Page[] = [];
	for (const video of videos) {
		const tab = await visitor.context().newPage();
		tabs.push(tab);
		await tab.goto(site.page(gateway, video, 'ann'));
		await expect.poll(() => stateOf(tab)).toBe('live');
	}
	return tabs;
}

test('ten tabs of ten videos are live over one stream, and a like in each is answered', async ({
	visitor,
	gateway,
	site,
}) => {
	const videos = Array.from({ length: 10 }, (_, tab) => `tab-${tab}`);
	const tabs = await openTabs(visitor, site, gateway.url, videos);
	for (const tab of tabs) {
		const duplicate = await tab.evaluate(async () => (await (window as unknown as SiteWindow).video.like()).duplicate);
		expect(duplicate).toBe(false);
	}
	for (const video of videos) await gateway.like(video, 'heart', 'bob');
	for (const tab of tabs) await expect.poll(() => hearts(tab)).toBe(2);
	await expect.poll(() => connectionsOf(gateway)).toBe(1);
});

test('tabs of one video count as one viewer, and one that comes later is shown its totals', async ({
	visitor,
	gateway,
	site,
}) => {
	await gateway.like('shared', 'heart', 'bob');
	const tabs = await openTabs(visitor, site, gateway.url, ['shared', 'shared', 'shared']);
	for (const tab of tabs) await expect.poll(() => hearts(tab)).toBe(1);
	const viewers = () => gateway.viewers('shared');
	await expect.poll(viewers).toBe(1);
	for (const tab of tabs.slice(1)) await tab.close();
	await expect.poll(viewers).toBe(1);
	await tabs[0]?.close();
	await expect.poll(viewers).toBe(0);
});

test('when the tab with the stream dies, another one goes on', async ({ visitor, gateway, site }) => {
	const tabs = await openTabs(visitor, site, gateway.url, ['one', 'two', 'two']);
	const [leader, ...others] = tabs as [Page, ...Page[]];
	await crash(leader);
	await gateway.like('two', 'heart', 'bob');
	for (const tab of others) await expect.poll(() => hearts(tab)).toBe(1);
	await others[0]?.evaluate(() => (window as unknown as SiteWindow).video.like());
	for (const tab of others) await expect.poll(() => hearts(tab)).toBe(2);
	await expect.poll(() => connectionsOf(gateway)).toBe(1);
});

test('tabs are live each by itself where a browser has no locks', async ({ visitor, gateway, site }) => {
	await visitor.context().addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
	const tabs = await openTabs(visitor, site, gateway.url, ['one', 'two']);
	await gateway.like('two', 'heart', 'bob');
	await expect.poll(() => hearts(tabs[1] as Page)).toBe(1);
	await expect.poll(() => connectionsOf(gateway)).toBe(2);
});

test('the stream goes to the tab that is seen', async ({ visitor, gateway, site }) => {
	const [first, second] = (await openTabs(visitor, site, gateway.url, ['seen', 'seen'])) as [Page, Page];
	const leader = () =>
		second.evaluate(async () => {
			const { held = [] } = await navigator.locks.query();
			return held.find(({ name }) => /^likewire \S+ \S+ \S+$/.test(name ?? ''))?.clientId;
		});
	let shown = 0;
	async function bothShow(): Promise<void> {
		await gateway.like('seen', 'heart', 'bob');
		shown++;
		for (const tab of [first, second]) await expect.poll(() => hearts(tab)).toBe(shown);
	}
	const before = await leader();
	// The other one is seen already.
	await show(first, 'hidden');
	await expect.poll(leader).not.toBe(before);
	await bothShow();
	// Nobody sees either; then the first is seen again.
	await show(second, 'hidden');
	await bothShow();
	await show(first, 'visible');
	await expect.poll(leader).toBe(before);
	await bothShow();
	await expect.poll(() => connectionsOf(gateway)).toBe(1);
});

test('beyond a hundred topics of all tabs there is a second stream', async ({ visitor, gateway, site }) => {
	const tabs = await openTabs(visitor, site, gateway.url, ['many-a', 'many-b']);
	for (const [index, tab] of tabs.entries()) {
		const shown = await tab.evaluateHandle((index) => {
			const { live } = window as unknown as SiteWindow;
			const seen = new Set<string>();
			for (let n = 0; n < 60; n++) live.video(`many-${index}-${n}`).on('likes', ({ video }) => seen.add(video));
			return seen;
		}, index);
		await expect.poll(() => shown.evaluate(({ size }) => size)).toBe(60);
	}
	await expect.poll(() => connectionsOf(gateway)).toBe(2);
});
