import type { Page } from '@playwright/test';
import { expect, test } from '../support/site.ts';
import { Site, type SiteWindow } from '../support/site-server.ts';

/** The codes of the errors that a page's client meets, the first of them. */
async function firstError(page: Page): Promise<string> {
	return page.evaluate(
		() =>
			new Promise<string>((resolve) => {
				(window as unknown as SiteWindow).live.on('error', ({ code }) => resolve(code));
			}),
	);
}

test('a page whose Content-Security-Policy forbids the gateway is told so', async ({ visitor, gateway }) => {
	const strict = await Site.start({ 'Content-Security-Policy': "connect-src 'self'" });
	await visitor.goto(strict.page(gateway.url, 'v1'));
	expect(await firstError(visitor)).toBe('csp_forbidden');
	strict.close();
});

test('a page that gets a page instead of a stream is told so, and of no network when it is none', async ({
	visitor,
	site,
}) => {
	await visitor.goto(site.page(site.url, 'v1'));
	expect(await firstError(visitor)).toBe('html_answer');
	// Nothing listens on the port of tcpmux.
	await visitor.goto(site.page('http://127.0.0.1:2', 'v1'));
	expect(await firstError(visitor)).toBe('network');
});
