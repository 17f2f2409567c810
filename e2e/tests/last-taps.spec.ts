import type { Page } from '@playwright/test';
import { expect, stateOf, test } from '../support/site.ts';
import type { SiteWindow } from '../support/site-server.ts';
import { SlowLink } from '../support/slow-link.ts';

/** Taps `taps` times and leaves the page in the same task. */
async function tapAndLeave(page: Page, taps: number, next: string): Promise<void> {
	await Promise.all([
		page.waitForURL(next),
		page.evaluate(
			([taps, next]) => {
				const { video } = window as unknown as SiteWindow;
				for (let n = 0; n < taps; n++) video.like();
				location.href = next;
			},
			[taps, next] as const,
		),
	]);
}

test('counts each of thirty taps right before the user leaves a page once', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	const link = await SlowLink.before(gateway.url, 80);
	const requests: string[] = [];
	visitor.on('request', (request) => request.method() === 'POST' && requests.push(request.url()));
	await visitor.goto(site.page(link.url, video, 'ann'));
	await expect.poll(() => stateOf(visitor)).toBe('live');
	await tapAndLeave(visitor, 30, `${site.url}/next?gateway=${link.url}&video=${video}-next&user=ann`);
	await expect.poll(() => gateway.storedLikes(video).length).toBe(30);
	// One request for the first tap and one for the others. The next page may retry unanswered taps.
	expect(requests.filter((url) => url.endsWith('/likes')).length).toBeLessThanOrEqual(4);
	await expect.poll(() => stateOf(visitor)).toBe('live');
	const kept = () => visitor.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('likewire-tap')));
	await expect.poll(kept).toEqual([]);
	expect(gateway.storedLikes(video)).toHaveLength(30);
	link.close();
});

test('sends from the next page the taps before the first hello', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	// The hello arrives after the user left the page.
	const link = await SlowLink.before(gateway.url, 2_000);
	const next = `${site.url}/next?gateway=${link.url}&video=${video}-next&user=ann`;
	await visitor.goto(site.page(link.url, video, 'ann'));
	const hasLoaded = () =>
		visitor.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/lazy-parts-')));
	await expect.poll(hasLoaded).toBe(true);
	expect(await stateOf(visitor)).toBe('connecting');
	await tapAndLeave(visitor, 5, next);
	await expect.poll(() => gateway.storedLikes(video).length).toBe(5);
	link.close();
});

test('sends from the next page the taps of a page that closed while the gateway was down', async ({
	visitor,
	gateway,
	site,
}) => {
	await visitor.goto(site.page(gateway.url, 'away', 'ann'));
	await expect.poll(() => stateOf(visitor)).toBe('live');
	await gateway.stop();
	await expect.poll(() => stateOf(visitor)).not.toBe('live');
	await tapAndLeave(visitor, 30, site.page(gateway.url, 'other', 'ann'));
	await gateway.start();
	await expect.poll(() => gateway.storedLikes('away').length).toBe(30);
	const users = new Set(gateway.storedLikes('away').map(({ user }) => user));
	expect([...users]).toEqual(['ann']);
});
