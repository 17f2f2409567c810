import { expect, stateOf, test } from '../support/site.ts';
import type { SiteWindow } from '../support/site-server.ts';
import { SlowLink } from '../support/slow-link.ts';

test('counts no viewer for eight left pages of a tab, and a page from the back/forward cache is live', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	const link = await SlowLink.before(gateway.url, 80);
	const viewers = (of: string) => gateway.viewers(of);
	const videos = Array.from({ length: 9 }, (_, page) => `${video}-${page}`);
	for (const each of videos) {
		await visitor.goto(site.page(link.url, each));
		await expect.poll(() => stateOf(visitor)).toBe('live');
		await expect.poll(() => viewers(each)).toBe(1);
		// The gateway does not see that the stream is closed: the page says that it is left.
		link.keepOpen();
	}
	const left = videos.slice(0, -1);
	await expect.poll(async () => Promise.all(left.map(viewers))).toEqual(left.map(() => 0));

	await visitor.goBack({ waitUntil: 'commit' });
	expect(await visitor.evaluate(() => (window as unknown as SiteWindow).restored)).toBe(true);
	await expect.poll(() => stateOf(visitor)).toBe('live');
	await visitor.getByRole('button').click();
	await expect.poll(() => gateway.storedLikes(`${video}-7`).length).toBe(1);
	await expect.poll(() => Promise.all(videos.map(viewers))).toEqual(videos.map((_, page) => (page === 7 ? 1 : 0)));
	link.close();
});
