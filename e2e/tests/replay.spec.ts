import type { Page } from '@playwright/test';
import { expect, test } from '../support/element-site.ts';
import { isFfmpegMissing, LiveStream } from '../support/live-stream.ts';

const player = (page: Page) => page.locator('likewire-player');
const hearts = (page: Page) => page.getByRole('button', { name: 'Heart' }).locator('[data-value]');

/** Returns the time of the program that a page shows, in Unix milliseconds. */
function position(page: Page): Promise<number | undefined> {
	return player(page).evaluate((element: HTMLElementTagNameMap['likewire-player']) => element.position);
}

/** Records the likes of other viewers that fly in a page, and the time of the program at each. */
async function recordFlights(page: Page): Promise<() => Promise<[number, string, number][]>> {
	const flights = await player(page).evaluateHandle((element: HTMLElementTagNameMap['likewire-player']) => {
		const seen: [number, string, number][] = [];
		element.live?.on('flight', ({ type, count, own }) => {
			if (!own) seen.push([element.position ?? 0, type, count]);
		});
		return seen;
	});
	return () => flights.jsonValue();
}

test('a heart flies on a viewer that is 8 s behind when that viewer sees what its liker saw', async ({
	browser,
	page,
	gateway,
	site,
}) => {
	test.skip(isFfmpegMissing(), 'ffmpeg is not installed');
	const stream = new LiveStream();
	try {
		stream.start();
		const body = `<likewire-player autoplay sync video="show" src="/media/live.m3u8">
			<likewire-reactions types="heart"></likewire-reactions>
		</likewire-player>`;
		const content = { body, policy: "media-src 'self' blob:", media: stream.folder, connect: "'self'" };
		const behind = await (await browser.newContext()).newPage();
		await site.open(behind, gateway.url, content);
		await site.open(page, gateway.url, content);
		// Both play, and the stream has 12 seconds.
		await expect.poll(() => position(page)).toBeDefined();
		const start = await player(page).evaluate(
			(element: HTMLElementTagNameMap['likewire-player']) =>
				(element.position ?? 0) - element.media.currentTime * 1_000,
		);
		await expect.poll(async () => ((await position(page)) ?? 0) - start).toBeGreaterThan(12_000);
		const target = ((await position(page)) ?? 0) - 8_000;
		await player(behind).evaluate((element: HTMLElementTagNameMap['likewire-player'], to) => {
			element.media.currentTime += (to - (element.position ?? 0)) / 1_000;
		}, target);
		await expect
			.poll(async () => Math.round((((await position(page)) ?? 0) - ((await position(behind)) ?? 0)) / 1_000))
			.toBe(8);
		const flights = await recordFlights(behind);

		const before = (await position(page)) ?? 0;
		await page.getByRole('button', { name: 'Heart' }).click();
		const after = (await position(page)) ?? 0;
		await expect(hearts(page)).toHaveText('1');
		const arrived = () =>
			player(behind).evaluate((element: HTMLElementTagNameMap['likewire-player']) => element.live?.video.totals.heart);
		await expect.poll(arrived).toBe(1);
		await expect(hearts(behind)).toHaveText('0');
		expect(await flights()).toEqual([]);
		expect(await position(behind)).toBeLessThan(before);

		await expect(hearts(behind)).toHaveText('1');
		expect(await flights()).toEqual([[expect.any(Number), 'heart', 1]]);
		const [[flownAt = 0] = []] = await flights();
		expect(flownAt).toBeGreaterThanOrEqual(before);
		expect(flownAt).toBeLessThan(after + 1_000);
	} finally {
		stream.stop();
	}
});
