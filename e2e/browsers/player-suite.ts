import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { ElementSite } from '../support/element-server.ts';
import { isFfmpegMissing, LiveStream } from '../support/live-stream.ts';
import type { DrivenTab } from './browser.ts';
import type { DrivenTest } from './driven-test.ts';

const CLIP = fileURLToPath(new URL('../../demo-app/assets/', import.meta.url));

/** Returns a player with reactions inside of it; its user is `user`. */
const playerOf = (
	user: string,
	src: string,
) => `<likewire-player video="show" user="${user}" src="/media/${src}" autoplay>
	<likewire-reactions></likewire-reactions></likewire-player>`;

/** Resolves with the hearts that the reactions show; null before the element is defined. */
const heartsOf = (tab: DrivenTab) =>
	tab.evaluate(() => {
		const { shadowRoot } = document.querySelector('likewire-reactions') as Element;
		const count = shadowRoot?.querySelector<HTMLElement>('[data-type=heart] [part=count]');
		return count ? Number(count.dataset.value) : null;
	});

/** Resolves with whether the video plays, and what the browser says of its failure. */
const playback = (tab: DrivenTab) =>
	tab.evaluate(() => {
		const media = document.querySelector('likewire-player')?.shadowRoot?.querySelector('video');
		return { isPlaying: (media?.currentTime ?? 0) > 0.2 && !media?.paused, error: media?.error?.message ?? null };
	});

/** Resolves with whether the canvas of the hearts has a pixel. */
const isDrawn = (tab: DrivenTab) =>
	tab.evaluate(() => {
		const hearts = document.querySelector('likewire-player')?.shadowRoot?.querySelector('likewire-hearts');
		const canvas = hearts?.shadowRoot?.querySelector('canvas');
		if (!canvas?.width || !canvas.height) return false;
		const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
		copy?.drawImage(canvas, 0, 0);
		return copy?.getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0) ?? false;
	});

/** Presses Tab until the button of the hearts has the focus. */
async function tabToHeart(tab: DrivenTab): Promise<void> {
	const focused: (string | undefined)[] = [];
	for (let presses = 0; presses < 30; presses++) {
		const name = await tab.evaluate(() => {
			let focus = document.activeElement;
			while (focus?.shadowRoot?.activeElement) focus = focus.shadowRoot.activeElement;
			return focus?.getAttribute('part') ?? focus?.localName;
		});
		if (name === 'reaction reaction-heart') return;
		focused.push(name);
		await tab.press('Tab');
	}
	throw new Error(`Tab did not reach the reactions, but ${focused.join(', ')}`);
}

/** Declares the tests of the elements of a page. */
export function describePlayer(test: DrivenTest): void {
	test('plays a file with hearts over it, and counts a tap by the keyboard on both pages', async ({
		driven,
		gateway,
		gatewayUrl,
	}) => {
		const site = await ElementSite.start();
		try {
			// The window that opens last has the focus of the keyboard.
			const [bob, ann] = [await driven.openWindow(), await driven.openWindow()];
			for (const [tab, user] of [
				[bob, 'bob'],
				[ann, 'ann'],
			] as const) {
				const policy = "media-src 'self' blob:";
				await tab.goto(site.serve(gatewayUrl, { body: playerOf(user, 'stage.webm'), policy, media: CLIP }));
				await expect.poll(() => heartsOf(tab)).toBe(0);
			}
			await expect.poll(() => playback(ann)).toEqual({ isPlaying: true, error: null });
			await expect.poll(() => gateway.viewers('show')).toBe(2);

			await tabToHeart(ann);
			await ann.press('Enter');
			for (const tab of [ann, bob]) await expect.poll(() => heartsOf(tab)).toBe(1);
			await expect.poll(() => gateway.storedLikes('show').map(({ user }) => user)).toEqual(['ann']);

			const label = await ann.evaluate(() => {
				const button = document.querySelector('likewire-player')?.shadowRoot?.querySelector('[part=fullscreen]');
				return button?.getAttribute('aria-label');
			});
			expect(label).toBe('Full screen');
			await gateway.like('show', 'heart', 'cleo');
			await expect.poll(() => isDrawn(ann)).toBe(true);
		} finally {
			site.close();
		}
	});

	test('plays a live HLS stream by hls.js', async ({ driven, gatewayUrl, skip }) => {
		skip(isFfmpegMissing(), 'ffmpeg is not installed');
		const stream = new LiveStream();
		const site = await ElementSite.start();
		try {
			await expect.poll(() => existsSync(join(stream.folder, 'live.m3u8'))).toBe(true);
			const tab = await driven.openWindow();
			const policy = "media-src 'self' blob:";
			const content = { body: playerOf('ann', 'live.m3u8'), policy, media: stream.folder, connect: "'self'" };
			await tab.goto(site.serve(gatewayUrl, content));
			await expect.poll(() => playback(tab)).toEqual({ isPlaying: true, error: null });
			// What hls.js feeds comes from a Media Source.
			const source = await tab.evaluate(
				() => document.querySelector('likewire-player')?.shadowRoot?.querySelector('video')?.src,
			);
			expect(source).toMatch(/^blob:/);
		} finally {
			stream.stop();
			site.close();
		}
	});
}
