import { test as base } from '@playwright/test';

/** Tests that open pages in a browser. What one opened is closed after it: it would go on drawing beside the next. */
export const test = base.extend<{ closesPages: undefined }>({
	closesPages: [
		async ({ browser }, use) => {
			await use(undefined);
			await Promise.all(browser.contexts().map((context) => context.close()));
		},
		{ auto: true },
	],
});
