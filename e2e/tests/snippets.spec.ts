import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openPage } from '../support/demo-page.ts';
import { expect, test } from '../support/test.ts';

/** A page with the elements that the snippet uses, which a script finds by their ids. */
function pageWith(snippet: string, gateway: string): string {
	const imports = { '@likewire/sdk': `${gateway}/sdk.js`, '@likewire/sdk/hearts': `${gateway}/hearts.js` };
	return `<!doctype html><title>a site</title>
		<script type="importmap">${JSON.stringify({ imports })}</script>
		<canvas id="canvas"></canvas><output id="counter"></output><button id="button">like</button>
		<form id="form"><input id="field"></form><ol></ol>
		<script>window.show = (user, text) => {
			const row = document.createElement('li');
			row.textContent = text;
			document.querySelector('ol').append(row);
		};</script>
		<script type="module">${snippet}</script>`;
}

test('shows a snippet that likes and comments without a reload of its page', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const demo = await openPage(browser, `${gateway.url}/?video=${video}`);
	const snippet = await demo.locator('[data-copied="code"]').innerText();
	const host = createServer((_request, response) => {
		response.setHeader('Content-Type', 'text/html');
		response.end(pageWith(snippet, gateway.url));
	});
	await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
	try {
		const page = await (await browser.newContext()).newPage();
		const failures: string[] = [];
		page.on('pageerror', (error) => failures.push(error.message));
		const address = `http://localhost:${(host.address() as AddressInfo).port}/`;
		await page.goto(address);
		await expect.poll(() => gateway.viewers(video)).toBe(2);
		await page.locator('#button').click();
		await expect(page.locator('#counter')).toHaveText('1');
		await page.locator('#field').fill('from the snippet');
		await page.locator('#field').press('Enter');
		await expect(demo.locator('li.comment', { hasText: 'from the snippet' })).toHaveCount(1);
		await expect(page.locator('ol li')).toHaveText('from the snippet');
		// A reload would add a query to the address, and drop the comment and the total.
		expect(page.url()).toBe(address);
		await expect(page.locator('#field')).toHaveValue('');
		await expect(page.locator('#counter')).toHaveText('1');
		expect(failures).toEqual([]);
	} finally {
		host.closeAllConnections();
		host.close();
	}
});

test('copies each snippet, and says so in a live region', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const page = await openPage(browser, `${gateway.url}/?video=${video}`, {
		permissions: ['clipboard-read', 'clipboard-write'],
	});
	const status = page.locator('[data-copy-status]');
	// The region is empty again after two seconds.
	await status.evaluate((region) => {
		new MutationObserver(() => {
			region.setAttribute('data-said', `${region.getAttribute('data-said') ?? ''}${region.textContent}\n`);
		}).observe(region, { childList: true });
	});
	for (const [name, said] of [
		['code', 'Copied the code for your page'],
		['embed', 'Copied the player for your page'],
		['shell', 'Copied the command for a terminal'],
	] as const) {
		const button = page.locator(`[data-copy="${name}"]`);
		await button.focus();
		await page.keyboard.press('Enter');
		await expect(status).toHaveAttribute('data-said', new RegExp(said));
		await expect(button).toBeFocused();
		const text = await page.locator(`[data-copied="${name}"]`).textContent();
		expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
	}

	// The snippet follows the form.
	const player = page.locator('[data-copied="embed"]');
	await expect(player).toContainText('/element.js"');
	await expect(player).toContainText('autoplay muted loop');
	await page.getByLabel('A frame').check();
	await page.getByLabel('Poster').fill('https://cdn.example/"poster".webp');
	await page.getByLabel('Autoplay').uncheck();
	await page.getByRole('checkbox', { name: 'Comments' }).check();
	const address = /src="([^"]*)"/.exec((await player.textContent()) ?? '')?.[1]?.replaceAll('&amp;', '&') ?? '';
	expect(address).toBe(await page.locator('[data-embed-link]').evaluate((link: HTMLAnchorElement) => link.href));
	expect(Object.fromEntries(new URL(address).searchParams)).toEqual({
		src: expect.stringMatching(/^http:.*\/assets\/stage-.*\.webm$/),
		poster: 'https://cdn.example/"poster".webp',
		muted: '',
		loop: '',
		comments: '',
	});
});

test('shows every line of the snippets at 320, 360, 768 and 1440 pixels', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const page = await openPage(browser, `${gateway.url}/?video=${video.padEnd(128, 'v')}`);
	for (const width of [320, 360, 768, 1440]) {
		await page.setViewportSize({ width, height: 800 });
		const hidden = await page
			.locator('pre')
			.evaluateAll((blocks) => blocks.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth));
		expect(hidden, `${width} pixels`).toEqual([0, 0, 0]);
		expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
	}
});
