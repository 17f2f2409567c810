import type { Page } from '@playwright/test';
import { expect, test } from '../support/site.ts';
import { Site, type SiteWindow } from '../support/site-server.ts';

/** Resolves with the code of the first error of the client of a page. */
async function firstError(page: Page): Promise<string> {
	return page.evaluate(
		() =>
			new Promise<string>((resolve) => {
				(window as unknown as SiteWindow).live.on('error', ({ code }) => resolve(code));
			}),
	);
}

test('reports csp_forbidden when the Content-Security-Policy forbids the gateway', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const strict = await Site.start({ 'Content-Security-Policy': "connect-src 'self'" });
	await visitor.goto(strict.page(gateway.url, video));
	expect(await firstError(visitor)).toBe('csp_forbidden');
	strict.close();
});

test('reports html_answer for a page instead of a stream, and network without an answer', async ({ visitor, site }) => {
	await visitor.goto(site.page(site.url, 'v1'));
	expect(await firstError(visitor)).toBe('html_answer');
	// No process listens on this port.
	await visitor.goto(site.page('http://127.0.0.1:2', 'v1'));
	expect(await firstError(visitor)).toBe('network');
});
