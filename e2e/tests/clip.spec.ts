import type { Page } from '@playwright/test';
import { openPage } from '../support/demo-page.ts';
import { expect, test } from '../support/test.ts';

interface ClipState {
	readonly paused: boolean;
	readonly loaded: boolean;
}

function clip(page: Page): Promise<ClipState> {
	return page.locator('video').evaluate((video: HTMLVideoElement) => ({
		paused: video.paused,
		loaded: video.readyState === HTMLMediaElement.HAVE_ENOUGH_DATA,
	}));
}

const PLAYS: ClipState = { paused: false, loaded: true };
const STANDS: ClipState = { paused: true, loaded: true };

test('pauses and plays the clip by a button, and pauses it when the viewer turns reduced motion on', async ({
	browser,
	sharedGateway: gateway,
}) => {
	const page = await openPage(browser, gateway.url, { reducedMotion: 'no-preference' });
	await expect.poll(() => clip(page)).toEqual(PLAYS);
	const pause = page.getByRole('button', { name: 'Pause the video' });
	await pause.focus();
	await page.keyboard.press('Enter');
	await expect.poll(() => clip(page)).toEqual(STANDS);
	// A tap on the video starts a clip that the browser stopped, but not one that the viewer paused.
	await page.locator('[data-stage]').click({ position: { x: 100, y: 80 } });
	expect(await clip(page)).toEqual(STANDS);

	const play = page.getByRole('button', { name: 'Play the video' });
	await play.focus();
	await page.keyboard.press('Space');
	await expect.poll(() => clip(page)).toEqual(PLAYS);
	await expect(pause).toBeFocused();

	await page.emulateMedia({ reducedMotion: 'reduce' });
	await expect.poll(() => clip(page)).toEqual(STANDS);
});

test('does not start the clip for viewers with reduced motion', async ({ browser, sharedGateway: gateway }) => {
	const page = await openPage(browser, gateway.url);
	await expect.poll(async () => (await clip(page)).loaded).toBe(true);
	expect(await clip(page)).toEqual(STANDS);
	await page.locator('[data-stage]').click({ position: { x: 100, y: 80 } });
	expect(await clip(page)).toEqual(STANDS);
	await page.getByRole('button', { name: 'Play the video' }).click();
	await expect.poll(() => clip(page)).toEqual(PLAYS);
});
