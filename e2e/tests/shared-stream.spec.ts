import { paths } from '@likewire/protocol';
import type { LikesUpdate, Video } from '@likewire/sdk';
import type { Page } from '@playwright/test';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import { expect, show, stateOf, test } from '../support/site.ts';
import type { Site, SiteWindow } from '../support/site-server.ts';
import { SlowLink } from '../support/slow-link.ts';
import { crash } from '../support/tab.ts';

const hearts = (page: Page) => page.evaluate(() => (window as unknown as SiteWindow).video?.totals.heart ?? 0);

async function openTabs(visitor: Page, site: Site, gateway: string, videos: readonly string[]): Promise<Page[]> {
	const tabs: Page[] = [];
	for (const video of videos) {
		const tab = await visitor.context().newPage();
		tabs.push(tab);
		await tab.goto(site.page(gateway, video, 'ann'));
		await expect.poll(() => stateOf(tab)).toBe('live');
	}
	return tabs;
}

/** Resolves with whether this tab has the shared stream. */
function leads(tab: Page): Promise<boolean> {
	return tab.evaluate(async () => {
		const { held = [] } = await navigator.locks.query();
		const leader = held.find(({ name }) => /^likewire \S+ \S+ \S+$/.test(name ?? ''));
		// Only a lock of this page shows the id that the browser gave to the page.
		return navigator.locks.request('mine', async () => {
			const { held: now = [] } = await navigator.locks.query();
			return now.find(({ name }) => name === 'mine')?.clientId === leader?.clientId;
		});
	});
}

/** Likes in a tab, and resolves with the time until the answer, in milliseconds. */
async function like(tab: Page): Promise<number> {
	const { duplicate, ms } = await tab.evaluate(async () => {
		const since = performance.now();
		const { duplicate } = await (window as unknown as SiteWindow).video.like();
		return { duplicate, ms: performance.now() - since };
	});
	expect(duplicate).toBe(false);
	return Math.round(ms);
}

/** Resolves with a function for the Unix time in milliseconds at which a tab shows a number of hearts, by the clock of the tab. */
async function whenShown(tab: Page, hearts: number): Promise<() => Promise<number>> {
	const shown = await tab.evaluateHandle((hearts) => {
		const { video } = window as unknown as SiteWindow;
		const at = new Promise<number>((resolve) => {
			video.on('likes', ({ totals }) => (totals.heart ?? 0) >= hearts && resolve(Date.now()));
		});
		return { at };
	}, hearts);
	return () => shown.evaluate(({ at }) => at);
}

test('serves ten tabs of ten videos 80 ms away over one stream, also after the tab with the stream crashes', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}, { annotations }) => {
	const record = (what: string, times: readonly number[]) =>
		annotations.push({ type: 'measured', description: `${what}: ${times.join(', ')} ms` });
	const link = await SlowLink.before(gateway.url, 80);
	const videos = Array.from({ length: 10 }, (_, tab) => `${video}-${tab}`);
	const tabs = await openTabs(visitor, site, link.url, videos);
	const answers: number[] = [];
	for (const tab of tabs) answers.push(await like(tab));
	record('the gateway answered a like in each of ten tabs after', answers);
	for (const video of videos) await gateway.like(video, 'heart', 'bob');
	for (const tab of tabs) await expect.poll(() => hearts(tab)).toBe(2);
	await expect.poll(() => connectionsOf(gateway)).toBe(1);

	const areLeaders = await Promise.all(tabs.map(leads));
	expect(areLeaders.filter(Boolean)).toHaveLength(1);
	const leader = areLeaders.indexOf(true);
	const others = tabs.filter((_, tab) => tab !== leader);
	const shown = await Promise.all(others.map((tab) => whenShown(tab, 3)));
	await crash(tabs[leader] as Page);
	const crashedAt = Date.now();
	await Promise.all(videos.map((video) => gateway.like(video, 'heart', 'bob')));
	const times = await Promise.all(shown.map((at) => at()));
	record(
		'after the crash the others showed a like of another user after',
		times.map((at) => at - crashedAt),
	);
	record('the gateway answered a like in each of the others after', await Promise.all(others.map(like)));
	for (const tab of others) await expect.poll(() => hearts(tab)).toBe(4);
	await expect.poll(() => connectionsOf(gateway)).toBe(1);
	await expect.poll(() => gateway.viewers(videos[leader] as string)).toBe(0);
	link.close();
});

test('counts tabs of one video as one viewer, and shows the totals in a later tab', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	await gateway.like(video, 'heart', 'bob');
	const tabs = await openTabs(visitor, site, gateway.url, [video, video, video]);
	for (const tab of tabs) await expect.poll(() => hearts(tab)).toBe(1);
	const viewers = () => gateway.viewers(video);
	await expect.poll(viewers).toBe(1);
	for (const tab of tabs.slice(1)) await tab.close();
	await expect.poll(viewers).toBe(1);
	await tabs[0]?.close();
	await expect.poll(viewers).toBe(0);
});

test('serves two other tabs of one video after the tab with the stream crashes', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	const [leader, ...others] = (await openTabs(visitor, site, gateway.url, [
		`${video}-1`,
		`${video}-2`,
		`${video}-2`,
	])) as [Page, ...Page[]];
	await crash(leader);
	await gateway.like(`${video}-2`, 'heart', 'bob');
	for (const tab of others) await expect.poll(() => hearts(tab)).toBe(1);
	await like(others[0] as Page);
	for (const tab of others) await expect.poll(() => hearts(tab)).toBe(2);
	await expect.poll(() => connectionsOf(gateway)).toBe(1);
});

test('gives a later tab a snapshot with an empty delta, then the delta of each like', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	await gateway.like(video, 'heart', 'bob');
	const [first] = (await openTabs(visitor, site, gateway.url, [video])) as [Page];
	await expect.poll(() => hearts(first)).toBe(1);
	// The newest event of the stream has a delta, which must not become the first event of another tab.
	await gateway.like(video, 'heart', 'bob');
	await expect.poll(() => hearts(first)).toBe(2);
	await visitor.context().addInitScript(() => {
		const updates: Pick<LikesUpdate, 'totals' | 'delta' | 'recent'>[] = [];
		let video: Video | undefined;
		Object.defineProperty(window, 'updates', { value: updates });
		// The setter adds the listener as soon as the page has its video.
		Object.defineProperty(window, 'video', {
			get: () => video,
			set(followed: Video) {
				video = followed;
				followed.on('likes', ({ totals, delta, recent }) => updates.push({ totals, delta, recent }));
			},
		});
	});
	const [late] = (await openTabs(visitor, site, gateway.url, [video])) as [Page];
	await expect.poll(() => hearts(late)).toBe(2);
	await gateway.like(video, 'heart', 'bob');
	await expect.poll(() => hearts(late)).toBe(3);
	const updates = await late.evaluate(() => (window as unknown as { updates: LikesUpdate[] }).updates);
	expect(updates).toMatchObject([
		{ totals: { heart: 2 }, recent: [] },
		{ totals: { heart: 3 }, delta: { heart: 1 } },
	]);
	expect(updates[0]?.delta).toEqual({});
	await expect.poll(() => connectionsOf(gateway)).toBe(1);
});

/** APIs that some browsers do not have, and how to remove them. */
const WITHOUT: Readonly<Record<string, () => boolean>> = {
	BroadcastChannel: () => Reflect.deleteProperty(globalThis, 'BroadcastChannel'),
	'Web Locks': () => Reflect.deleteProperty(Navigator.prototype, 'locks'),
};

for (const [name, remove] of Object.entries(WITHOUT)) {
	test(`gives each tab its own stream in a browser without ${name}`, async ({
		visitor,
		sharedGateway: gateway,
		ownVideo: video,
		site,
	}) => {
		await visitor.context().addInitScript(remove);
		const posts: string[] = [];
		visitor.context().on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
		const videos = [`${video}-1`, `${video}-2`];
		const tabs = await openTabs(visitor, site, gateway.url, videos);
		for (const tab of tabs) {
			expect(await tab.evaluate(() => [typeof BroadcastChannel, typeof navigator.locks])).toContain('undefined');
			await like(tab);
		}
		for (const each of videos) await gateway.like(each, 'heart', 'bob');
		for (const tab of tabs) await expect.poll(() => hearts(tab)).toBe(2);
		await expect.poll(() => connectionsOf(gateway)).toBe(2);
		// A stream asks for its topics when it opens, and for nothing after that.
		expect(posts).toEqual(videos.map((each) => gateway.url + paths.likes(each)));
	});
}

test('moves the stream to the visible tab', async ({ visitor, sharedGateway: gateway, ownVideo: video, site }) => {
	const [first, second] = (await openTabs(visitor, site, gateway.url, [video, video])) as [Page, Page];
	const leader = () =>
		second.evaluate(async () => {
			const { held = [] } = await navigator.locks.query();
			return held.find(({ name }) => /^likewire \S+ \S+ \S+$/.test(name ?? ''))?.clientId;
		});
	let shown = 0;
	async function bothShow(): Promise<void> {
		await gateway.like(video, 'heart', 'bob');
		shown++;
		for (const tab of [first, second]) await expect.poll(() => hearts(tab)).toBe(shown);
	}
	const before = await leader();
	await show(first, 'hidden');
	await expect.poll(leader).not.toBe(before);
	await bothShow();
	// Both tabs are hidden, and then the first is visible again.
	await show(second, 'hidden');
	await bothShow();
	await show(first, 'visible');
	await expect.poll(leader).toBe(before);
	await bothShow();
	await expect.poll(() => connectionsOf(gateway)).toBe(1);
});

test('opens a second stream for more than a hundred topics of all tabs', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	const tabs = await openTabs(visitor, site, gateway.url, [`${video}-a`, `${video}-b`]);
	for (const [index, tab] of tabs.entries()) {
		const shown = await tab.evaluateHandle((prefix) => {
			const { live } = window as unknown as SiteWindow;
			const seen = new Set<string>();
			for (let n = 0; n < 60; n++) live.video(`${prefix}-${n}`).on('likes', ({ video }) => seen.add(video));
			return seen;
		}, `${video}-${index}`);
		await expect.poll(() => shown.evaluate(({ size }) => size)).toBe(60);
	}
	await expect.poll(() => connectionsOf(gateway)).toBe(2);
});
