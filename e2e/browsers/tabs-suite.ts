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

/** Likes in a page by its own script: a tab that is not shown takes no mouse. */
function like(tab: DrivenTab): Promise<boolean> {
	return tab.evaluate(async () => (await (window as unknown as SiteWindow).video.like()).duplicate);
}

/** Tabs of one user. */
export function describeTabs(test: DrivenTest): void {
	test('ten tabs of ten videos are live over one stream, and a like in each is answered', async ({
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

	test('when the tab with the stream is closed, another one goes on', async ({ driven, gateway, gatewayUrl, site }) => {
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
