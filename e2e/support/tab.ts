import type { Client } from '@likewire/sdk';
import type { Browser, JSHandle, Page } from '@playwright/test';

/** A tab that runs the SDK in a document without a client of its own. */
export interface Tab {
	readonly page: Page;
	readonly live: JSHandle<Client>;
	close(): Promise<void>;
}

/** Opens a tab in a browser of its own, whose SDK is a user of its own. */
export async function openTab(browser: Browser, url: string): Promise<Tab> {
	const context = await browser.newContext();
	const page = await context.newPage();
	await page.goto(`${url}/sdk.js`);
	const live = await page.evaluateHandle(async (): Promise<Client> => {
		const { createClient } = await import(/* @vite-ignore */ `${location.origin}/sdk.js`);
		return createClient({ url: location.origin });
	});
	return {
		page,
		live,
		close: () => context.close(),
	};
}

/** The renderer of a page dies: no script of it runs again, and nothing is said to the gateway. */
export async function crash(page: Page): Promise<void> {
	const session = await page.context().newCDPSession(page);
	const crashed = page.waitForEvent('crash');
	// Nobody is left to answer.
	session.send('Page.crash').catch(() => undefined);
	await crashed;
}
