import type { JSHandle, Page } from '@playwright/test';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import { postComment } from '../support/comments.ts';
import type { TestGateway } from '../support/gateway.ts';
import { expect, show, stateOf, test } from '../support/site.ts';
import type { Site, SiteWindow } from '../support/site-server.ts';

/** The time that a hidden page keeps its stream. */
const GRACE = '05:00';

interface Opened {
	readonly page: Page;
	/** The texts of received comments. */
	readonly texts: JSHandle<string[]>;
}

async function open(page: Page, site: Site, gateway: TestGateway, video: string): Promise<Opened> {
	await gateway.like(video, 'heart', 'bob');
	await page.goto(site.page(gateway.url, video, 'ann'));
	await expect.poll(() => stateOf(page)).toBe('live');
	// Comments arrive after the snapshot.
	await expect.poll(() => page.evaluate(() => (window as unknown as SiteWindow).video.totals.heart)).toBeGreaterThan(0);
	const texts = await page.evaluateHandle(() => {
		const texts: string[] = [];
		(window as unknown as SiteWindow).video.on('comment', ({ text }) => texts.push(text));
		return texts;
	});
	return { page, texts };
}

async function expectTexts({ texts }: Opened, expected: readonly string[]): Promise<void> {
	await expect.poll(() => texts.jsonValue()).toEqual(expected);
}

/** Resolves with the pace in the next answer to a change of the pace. */
async function nextPace(page: Page): Promise<string> {
	const response = await page.waitForResponse(
		(response) => response.url().endsWith('/subscriptions') && 'pace' in (response.request().postDataJSON() ?? {}),
	);
	return (await response.json()).pace;
}

/** Plays a muted video, which browsers allow without a click. A worker drives it, since a test may stop the clock of the page. */
async function playMedia(page: Page): Promise<void> {
	await page.evaluate(async () => {
		let video = document.querySelector('video');
		if (video === null) {
			const canvas = document.createElement('canvas');
			const picture = canvas.getContext('2d');
			const script = new Blob(['setInterval(() => postMessage(0), 40)']);
			new Worker(URL.createObjectURL(script)).onmessage = () => picture?.fillRect(Math.random() * 300, 0, 9, 9);
			video = document.createElement('video');
			video.muted = true;
			video.srcObject = canvas.captureStream();
			document.body.append(video);
		}
		await video.play();
	});
	await expect.poll(() => page.evaluate(() => document.querySelector('video')?.currentTime)).toBeGreaterThan(0);
}

function pauseMedia(page: Page): Promise<void> {
	return page.evaluate(() => document.querySelector('video')?.pause());
}

// With locks pages share a stream; without them each page has its own.
for (const hasLocks of [true, false]) {
	test.describe(hasLocks ? 'a page of a browser with locks' : 'a page of a browser without locks', () => {
		test.beforeEach(async ({ visitor }) => {
			if (hasLocks) return;
			await visitor.context().addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
		});

		test('slows its stream while it is hidden', async ({ visitor, sharedGateway: gateway, ownVideo: video, site }) => {
			await open(visitor, site, gateway, video);
			for (const [state, pace] of [
				['hidden', 'slow'],
				['visible', 'normal'],
				['hidden', 'slow'],
			] as const) {
				const next = nextPace(visitor);
				await show(visitor, state);
				expect(await next).toBe(pace);
			}
		});

		test('closes its stream after five hidden minutes, and resumes all comments', async ({
			visitor,
			sharedGateway: gateway,
			ownVideo: video,
			site,
		}) => {
			await visitor.clock.install();
			const opened = await open(visitor, site, gateway, video);
			await postComment(gateway.url, video, 'bob', 'seen');
			await expectTexts(opened, ['seen']);
			await show(visitor, 'hidden');
			await visitor.clock.fastForward(GRACE);
			await expect.poll(() => connectionsOf(gateway)).toBe(0);
			// The page is still hidden when the network returns.
			await visitor.evaluate(() => window.dispatchEvent(new Event('online')));
			await postComment(gateway.url, video, 'bob', 'one');
			await postComment(gateway.url, video, 'bob', 'two');
			expect(await stateOf(visitor)).toBe('waiting');
			await show(visitor, 'visible');
			await expectTexts(opened, ['seen', 'one', 'two']);
			await postComment(gateway.url, video, 'bob', 'three');
			await expectTexts(opened, ['seen', 'one', 'two', 'three']);
			expect(await connectionsOf(gateway)).toBe(1);
		});

		test('keeps its stream while it plays media, and reopens it when it plays again', async ({
			visitor,
			sharedGateway: gateway,
			ownVideo: video,
			site,
		}) => {
			await visitor.clock.install();
			const opened = await open(visitor, site, gateway, video);
			await playMedia(visitor);
			await show(visitor, 'hidden');
			await visitor.clock.fastForward(GRACE);
			await postComment(gateway.url, video, 'bob', 'one');
			await expectTexts(opened, ['one']);
			await pauseMedia(visitor);
			await visitor.clock.fastForward(GRACE);
			await expect.poll(() => connectionsOf(gateway)).toBe(0);
			await postComment(gateway.url, video, 'bob', 'two');
			await playMedia(visitor);
			await expectTexts(opened, ['one', 'two']);
		});
	});
}

test('keeps the stream of a hidden page with picture-in-picture, also while the video is paused', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	await visitor.clock.install();
	const opened = await open(visitor, site, gateway, video);
	await playMedia(visitor);
	await visitor.evaluate(async () => {
		await document.querySelector('video')?.requestPictureInPicture();
	});
	await pauseMedia(visitor);
	await show(visitor, 'hidden');
	await visitor.clock.fastForward(GRACE);
	await postComment(gateway.url, video, 'bob', 'one');
	await expectTexts(opened, ['one']);
	expect(await connectionsOf(gateway)).toBe(1);
	await visitor.evaluate(() => document.exitPictureInPicture());
	await visitor.clock.fastForward(GRACE);
	await expect.poll(() => connectionsOf(gateway)).toBe(0);
});

test('moves the stream of two hidden tabs to the tab that plays media', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	await visitor.clock.install();
	const first = await open(visitor, site, gateway, video);
	const second = await open(await visitor.context().newPage(), site, gateway, video);
	await playMedia(second.page);
	await show(second.page, 'hidden');
	await show(first.page, 'hidden');
	await visitor.clock.fastForward(GRACE);
	await postComment(gateway.url, video, 'bob', 'one');
	for (const tab of [first, second]) await expectTexts(tab, ['one']);
	await expect.poll(() => connectionsOf(gateway)).toBe(1);
});

test('reopens the ended stream of hidden tabs when a new tab opens', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	await visitor.clock.install();
	const first = await open(visitor, site, gateway, video);
	await show(first.page, 'hidden');
	await visitor.clock.fastForward(GRACE);
	await expect.poll(() => connectionsOf(gateway)).toBe(0);
	await postComment(gateway.url, video, 'bob', 'one');
	const second = await open(await visitor.context().newPage(), site, gateway, video);
	await postComment(gateway.url, video, 'bob', 'two');
	await expectTexts(first, ['one', 'two']);
	await expectTexts(second, ['two']);
});
