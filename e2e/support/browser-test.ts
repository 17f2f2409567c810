import { test as base } from '@playwright/test';

/** A test function that closes all pages after each test: an open page would use CPU during the next test. */
export const test = base.extend<{ closesPages: undefined }>({
	closesPages: [
		async ({ browser }, use) => {
			await use(undefined);
			await Promise.all(browser.contexts().map((context) => context.close()));
		},
		{ auto: true },
	],
});
