import { type Browser, chromium, type Page } from '@playwright/test';
import { Site, type SiteWindow } from './site-server.ts';
import { test as base, expect } from './test.ts';

/** The state of the client of a page. */
export function stateOf(page: Page): Promise<string> {
	return page.evaluate(() => (window as unknown as SiteWindow).live?.state);
}

/** Hides a page, or shows it: a Chromium without a screen shows all its tabs. */
export function show(page: Page, state: DocumentVisibilityState): Promise<void> {
	return page.evaluate((state) => {
		Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
		document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
	}, state);
}

/** Launches a Chromium as visitors have it: Playwright's own switches the back/forward cache off. */
export function launchWithCache(launchOptions: object): Promise<Browser> {
	return chromium.launch({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
}

/** Tests of a site whose visitors have a back/forward cache. */
export const test = base.extend<{ site: Site; visitor: Page }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	site: async ({}, use) => {
		const site = await Site.start();
		await use(site);
		site.close();
	},
	visitor: async ({ launchOptions }, use) => {
		const browser = await launchWithCache(launchOptions);
		await use(await (await browser.newContext()).newPage());
		await browser.close();
	},
});

export { expect };
