import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { collectEvents, expect, test } from '../support/element-site.ts';
import { isFfmpegMissing, LiveStream } from '../support/live-stream.ts';

const CLIP = fileURLToPath(new URL('../../demo-app/assets/', import.meta.url));
const POLICY = "media-src 'self' blob:; img-src 'self'";
const PLAYER = `<h1>A show</h1>
<likewire-player id="player" video="show" src="/media/stage.webm" poster="/media/stage.webp">
	<likewire-reactions></likewire-reactions>
</likewire-player>
<likewire-comments for="player"></likewire-comments>`;

const media = (page: Page) => page.locator('likewire-player').locator('video');

function currentTime(page: Page): Promise<number> {
	return media(page).evaluate((video: HTMLVideoElement) => video.currentTime);
}

test('plays a file, and the elements of the page follow the player over one connection', async ({
	page,
	gateway,
	site,
}) => {
	const loaded: string[] = [];
	page.on('request', (request) => loaded.push(request.url()));
	const faults = await site.open(page, gateway.url, { body: PLAYER, policy: POLICY, media: CLIP });
	const events = await collectEvents(page);
	await media(page).evaluate((video: HTMLVideoElement) => {
		video.muted = true;
		return video.play();
	});
	await expect.poll(() => currentTime(page)).toBeGreaterThan(0);
	await expect.poll(() => gateway.viewers('show')).toBe(1);

	await page.getByRole('button', { name: 'Clap' }).click();
	await expect(page.getByRole('button', { name: 'Clap' }).locator('[data-value]')).toHaveText('1');
	// Taps close together on the same place.
	await media(page).click({ position: { x: 60, y: 60 }, clickCount: 2 });
	await expect(page.getByRole('button', { name: 'Heart' }).locator('[data-value]')).toHaveText('1');
	await page.getByRole('textbox').fill('hello');
	await page.keyboard.press('Enter');
	await expect(page.getByText('hello')).toBeVisible();
	await expect.poll(async () => (await events()).filter((name) => name === 'like').length).toBe(2);
	await expect.poll(async () => (await events()).filter((name) => name === 'comment').length).toBe(1);
	expect(loaded.filter((url) => url.includes('/v1/stream'))).toHaveLength(1);
	expect(loaded.filter((url) => url.includes('hls'))).toEqual([]);
	expect(faults).toEqual([]);

	await page.locator('likewire-player').evaluate((player) => player.remove());
	await expect.poll(() => gateway.viewers('show')).toBe(0);
});

test('fills the screen with hearts and reactions by the keyboard, and the page where it may not', async ({
	page,
	gateway,
	site,
}, info) => {
	await site.open(page, gateway.url, { body: PLAYER, policy: POLICY, media: CLIP });
	const player = page.locator('likewire-player');
	await page.getByRole('button', { name: 'Full screen' }).focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('button', { name: 'Leave full screen' })).toBeFocused();
	expect(await page.evaluate(() => document.fullscreenElement?.localName)).toBe('likewire-player');
	await page.getByRole('button', { name: 'Heart' }).click();
	await page.screenshot({ path: info.outputPath('player-fullscreen.png') });
	await page.getByRole('button', { name: 'Leave full screen' }).click();
	await expect(page.getByRole('button', { name: 'Full screen', exact: true })).toBeVisible();

	await page.evaluate(() => Object.defineProperty(document, 'fullscreenEnabled', { value: false }));
	await page.getByRole('button', { name: 'Full screen', exact: true }).click();
	await expect(player).toHaveAttribute('expanded');
	const box = await player.boundingBox();
	expect([box?.x, box?.y, box?.width]).toEqual([0, 0, page.viewportSize()?.width]);
	await page.keyboard.press('Escape');
	await expect(player).not.toHaveAttribute('expanded');
	await expect(page.getByRole('button', { name: 'Full screen', exact: true })).toBeFocused();
});

test('starts by itself without sound, but not for a user that asked for less motion', async ({
	browser,
	gateway,
	site,
}) => {
	const body = '<likewire-player autoplay video="show" src="/media/stage.webm"></likewire-player>';
	for (const reducedMotion of ['no-preference', 'reduce'] as const) {
		const page = await (await browser.newContext({ reducedMotion })).newPage();
		await site.open(page, gateway.url, { body, policy: POLICY, media: CLIP });
		const state = () =>
			media(page).evaluate((video: HTMLVideoElement) => [video.readyState > 2, video.paused, video.muted]);
		await expect.poll(state).toEqual(reducedMotion === 'reduce' ? [true, true, false] : [true, false, true]);
	}
});

for (const colorScheme of ['light', 'dark'] as const) {
	test(`is accessible and fits at 360, 768 and 1440 pixels, ${colorScheme}`, async ({
		browser,
		gateway,
		site,
	}, info) => {
		const page = await (await browser.newContext({ colorScheme })).newPage();
		await site.open(page, gateway.url, { body: PLAYER, policy: POLICY, media: CLIP });
		await expect(page.getByRole('button', { name: 'Heart' })).toBeVisible();
		await expect(page.getByText('No comments yet.')).toBeVisible();
		for (const width of [360, 768, 1440]) {
			await page.setViewportSize({ width, height: 900 });
			await expectAccessible(page);
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
			await page.screenshot({ path: info.outputPath(`player-${colorScheme}-${width}.png`) });
		}
	});
}

test('plays a live HLS stream once it begins, by itself too, with captions, under the least policy', async ({
	browser,
	page,
	gateway,
	site,
}, info) => {
	test.skip(isFfmpegMissing(), 'ffmpeg is not installed');
	const stream = new LiveStream();
	try {
		for (const [lang, text] of Object.entries({ en: 'A caption', de: 'Ein Untertitel' })) {
			writeFileSync(join(stream.folder, `${lang}.vtt`), `WEBVTT\n\n00:00.000 --> 10:00.000\n${text}\n`);
		}
		const body = `<likewire-player autoplay video="show" src="/media/live.m3u8" captions="/media/en.vtt">
			<track kind="subtitles" srclang="de" label="Deutsch" src="/media/de.vtt">
			<likewire-reactions></likewire-reactions>
		</likewire-player>`;
		const policy = "media-src 'self' blob:";
		const faults = await site.open(page, gateway.url, { body, policy, media: stream.folder, connect: "'self'" });
		// A browser that plays HLS by itself, as that of an iPhone does.
		const native = await (await browser.newContext()).newPage();
		await native.addInitScript(() => {
			for (const name of ['MediaSource', 'ManagedMediaSource']) Reflect.deleteProperty(globalThis, name);
		});
		await site.open(native, gateway.url, { body, policy, media: stream.folder, connect: "'self'" });
		for (const one of [page, native]) {
			const events = await collectEvents(one);
			// The stream is missing: the player tries again.
			await expect.poll(async () => (await events()).filter((name) => name === 'error').length).toBeGreaterThan(0);
		}
		stream.start();
		for (const one of [page, native]) await expect.poll(() => currentTime(one)).toBeGreaterThan(2);
		await native.close();
		const captions = () =>
			media(page).evaluate(({ textTracks }: HTMLVideoElement) =>
				[...textTracks].map((track) => {
					if (track.mode === 'disabled') track.mode = 'hidden';
					return [track.language, (track.activeCues?.[0] as VTTCue | undefined)?.text];
				}),
			);
		await expect.poll(captions).toEqual([
			['de', 'Ein Untertitel'],
			['en', 'A caption'],
		]);
		await gateway.like('show', 'heart', 'bob');
		await expect(page.getByRole('button', { name: 'Heart' }).locator('[data-value]')).toHaveText('1');
		await page.screenshot({ path: info.outputPath('player-hls.png') });
		expect(faults).toEqual([]);
	} finally {
		stream.stop();
	}
});
