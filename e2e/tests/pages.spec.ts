import { openPage } from '../support/demo-page.ts';
import { expect, Player, test } from '../support/test.ts';

test('sends no request to another host', async ({ page, sharedGateway: gateway, ownVideo: video }) => {
	const hosts = new Set<string>();
	page.on('request', (request) => {
		const { protocol, host } = new URL(request.url());
		if (protocol !== 'data:' && protocol !== 'blob:') hosts.add(host);
	});
	const failures: string[] = [];
	page.on('pageerror', (error) => failures.push(error.message));
	page.on('console', (message) => {
		if (message.type() === 'error' || message.type() === 'warning') failures.push(message.text());
	});
	await page.goto(`${gateway.url}/?video=${video}`);
	const player = new Player(page);
	await expect(player.state).toHaveAttribute('data-state', 'live');
	await player.button('heart').click();
	await expect
		.poll(() => page.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime))
		.toBeGreaterThan(0);
	expect([...hosts]).toEqual([new URL(gateway.url).host]);
	expect(failures).toEqual([]);
});

test('serves the SDK to a plain page as a module and as a script', async ({ page, sharedGateway: gateway }) => {
	await page.goto(`${gateway.url}/embed/sdk`);
	const totals = await page.evaluate(async () => {
		const module = await import(/* @vite-ignore */ `${location.origin}/sdk.js`);
		const live = module.createClient({ url: location.origin });
		const { totals } = await live.video('sdk').like('wow');
		live.close();
		return totals;
	});
	expect(totals).toEqual({ wow: 1 });

	await page.addScriptTag({ url: `${gateway.url}/sdk.global.js` });
	const duplicate = await page.evaluate(async () => {
		const { Likewire } = window as unknown as { Likewire: typeof import('@likewire/sdk') };
		const live = Likewire.createClient({ url: location.origin });
		const answer = await live.video('sdk').like('wow');
		live.close();
		return answer.duplicate;
	});
	expect(duplicate).toBe(false);
});

test('fits the page into 360, 768 and 1440 pixels, light and dark', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const page = await openPage(browser, `${gateway.url}/?video=${video}`);
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme });
		for (const width of [360, 768, 1440]) {
			await page.setViewportSize({ width, height: 800 });
			const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			expect(overflow, `${width} pixels, ${colorScheme}`).toBeLessThanOrEqual(0);
			for (const type of ['heart', 'like', 'clap', 'laugh', 'wow']) {
				await expect(new Player(page).button(type)).toBeInViewport();
			}
		}
	}
});
