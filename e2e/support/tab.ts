import type { Client } from '@likewire/sdk';
import type { Browser, JSHandle, Page } from '@playwright/test';

/** A tab with the SDK in a document that has no other client. */
export interface Tab {
	readonly page: Page;
	readonly live: JSHandle<Client>;
	close(): Promise<void>;
}

/** Opens a tab in a new browser context, so with a new user. */
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

/** Crashes the renderer of a page: its scripts stop, without a message to the gateway. */
export async function crash(page: Page): Promise<void> {
	const session = await page.context().newCDPSession(page);
	const crashed = page.waitForEvent('crash');
	// The crashed renderer does not answer.
	session.send('Page.crash').catch(() => undefined);
	await crashed;
}
