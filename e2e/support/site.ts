import { type Browser, chromium, type Page } from '@playwright/test';
import { Site, type SiteWindow } from './site-server.ts';
import { test as base, expect } from './test.ts';

/** Resolves with the state of the client of a page. */
export function stateOf(page: Page): Promise<string> {
	return page.evaluate(() => (window as unknown as SiteWindow).live?.state);
}

/** Simulates that a page is hidden or shown, since all tabs of a headless Chromium are visible. */
export function show(page: Page, state: DocumentVisibilityState): Promise<void> {
	return page.evaluate((state) => {
		Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
		document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
	}, state);
}

/** Launches a Chromium with the back/forward cache, which Playwright switches off by default. */
export function launchWithCache(launchOptions: object): Promise<Browser> {
	return chromium.launch({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
}

/** A test function with a site, and with a page of its own in a browser with a back/forward cache. */
export const test = base.extend<{ site: Site; visitor: Page }, { cachingBrowser: Browser }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	site: async ({}, use) => {
		const site = await Site.start();
		await use(site);
		site.close();
	},
	cachingBrowser: [
		async ({ launchOptions }, use) => {
			const browser = await launchWithCache(launchOptions);
			await use(browser);
			await browser.close();
		},
		{ scope: 'worker' },
	],
	visitor: async ({ cachingBrowser }, use) => {
		const context = await cachingBrowser.newContext();
		await use(await context.newPage());
		await context.close();
	},
});

export { expect };
