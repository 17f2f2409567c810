import { expect } from 'vitest';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import type { Site, SiteWindow } from '../support/site-server.ts';
import type { DrivenBrowser, DrivenTab } from './browser.ts';
import type { DrivenTest } from './driven-test.ts';
import { heartsOf, leaderOf, openLive } from './page.ts';

async function openTabs(browser: DrivenBrowser, site: Site, gateway: string, videos: readonly string[]) {
	const tabs: DrivenTab[] = [];
	for (const video of videos) {
		const tab = await browser.openTab();
		tabs.push(tab);
		await openLive(tab, site.page(gateway, video, 'ann'));
	}
	return tabs;
}

/** Likes by a script of the page, since a hidden tab receives no mouse events. Resolves with `duplicate` of the answer. */
function like(tab: DrivenTab): Promise<boolean> {
	return tab.evaluate(async () => (await (window as unknown as SiteWindow).video.like()).duplicate);
}

/** Declares the tests of several tabs of one user. */
export function describeTabs(test: DrivenTest): void {
	test('serves ten tabs of ten videos over one stream, and answers a like in each', async ({
		driven,
		gateway,
		gatewayUrl,
		site,
	}) => {
		const videos = Array.from({ length: 10 }, (_, tab) => `tab-${tab}`);
		const tabs = await openTabs(driven, site, gatewayUrl, videos);
		for (const tab of tabs) expect(await like(tab)).toBe(false);
		for (const video of videos) await gateway.like(video, 'heart', 'bob');
		for (const tab of tabs) await expect.poll(() => heartsOf(tab)).toBe(2);
		await expect.poll(() => connectionsOf(gateway)).toBe(1);
	});

	test('moves the stream to another tab when the tab with the stream is closed', async ({
		driven,
		gateway,
		gatewayUrl,
		site,
	}) => {
		const tabs = await openTabs(driven, site, gatewayUrl, ['two', 'two', 'two']);
		const leader = await leaderOf(tabs);
		const others = tabs.filter((tab) => tab !== leader);
		await leader.close();
		await gateway.like('two', 'heart', 'bob');
		for (const tab of others) await expect.poll(() => heartsOf(tab)).toBe(1);
		for (const tab of others) expect(await like(tab)).toBe(false);
		for (const tab of others) await expect.poll(() => heartsOf(tab)).toBe(3);
		await expect.poll(() => connectionsOf(gateway)).toBe(1);
	});
}
