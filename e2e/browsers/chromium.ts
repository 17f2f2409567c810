import { chromium as playwright } from '@playwright/test';
import { LAUNCH_OPTIONS } from '../support/launch-options.ts';
import { type BrowserKind, type DrivenBrowser, type DrivenTab, expressionOf } from './browser.ts';

async function launch(): Promise<DrivenBrowser> {
	// Users have the back/forward cache, which Playwright switches off by default.
	const browser = await playwright.launch({
		...LAUNCH_OPTIONS,
		ignoreDefaultArgs: ['--disable-back-forward-cache'],
	});
	const context = await browser.newContext();
	async function open(): Promise<DrivenTab> {
		const page = await context.newPage();
		return {
			async goto(url) {
				await page.goto(url);
			},
			async back() {
				await page.goBack({ waitUntil: 'commit' });
			},
			url: async () => page.url(),
			evaluate: async (action, ...args) => JSON.parse(await page.evaluate<string>(expressionOf(action, args))),
			click: (selector) => page.click(selector),
			press: (key) => page.keyboard.press(key),
			close: () => page.close({ runBeforeUnload: false }),
		};
	}
	return { version: browser.version(), openTab: open, openWindow: open, close: () => browser.close() };
}

/** Chromium, which Playwright controls. */
export const chromium: BrowserKind = { debianPackages: ['chromium'], programs: [], launch };
