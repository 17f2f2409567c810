import { fileURLToPath } from 'node:url';
import { type HighlightsAnswer, paths, type TimelineAnswer } from '@likewire/protocol';
import type { Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { expect, test } from '../support/element-site.ts';
import { isFfmpegMissing, LiveStream } from '../support/live-stream.ts';

const CLIP = fileURLToPath(new URL('../../demo-app/assets/', import.meta.url));
/** In seconds. */
const CLIP_LENGTH = 12;

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

test('a replay shows its hearts at their seconds, a heat line of its timeline, and marks for the keyboard', async ({
	page,
	gateway,
	site,
}, info) => {
	const start = Math.floor(Date.now() / 1_000) * 1_000 - 40_000;
	const seconds = { heart: [-5, 2, 2, 2], clap: [8, 8, 8, 8, 8], wow: [9] };
	for (const [type, given] of Object.entries(seconds)) {
		for (const second of given) await gateway.like('show', type, 'ann', start + second * 1_000 + 400);
	}
	const body = `<h1>A show</h1><likewire-player muted video="show" src="/media/stage.webm" started-at="${start}">
		<likewire-reactions types="heart clap"></likewire-reactions>
	</likewire-player>`;
	const faults = await site.open(page, gateway.url, { body, policy: "media-src 'self'", media: CLIP });
	const flights = await recordFlights(page);
	const claps = page.getByRole('button', { name: 'Clap' }).locator('[data-value]');
	const media = player(page).locator('video');
	const seek = (time: number) =>
		media.evaluate(async (video: HTMLVideoElement, time) => {
			const sought = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
			video.currentTime = time;
			await sought;
		}, time);

	// The heat line is that of the timeline: a column for each second, as high as its reactions.
	const heat = page.getByRole('img', { name: 'Reactions over time, most at 0:08' });
	await expect(heat).toBeVisible();
	const { points } = (await (await fetch(gateway.url + paths.timeline('show'))).json()) as TimelineAnswer;
	const reactions = new Map(points.map(([at, ...counts]) => [(at - start) / 1_000, counts.reduce((a, b) => a + b)]));
	expect([...reactions]).toEqual([
		[-5, 1],
		[2, 3],
		[8, 5],
		[9, 1],
	]);
	const line = (await heat.locator('path').getAttribute('d')) ?? '';
	for (let second = 0; second < CLIP_LENGTH; second++) {
		expect(line).toContain(`L${second + 0.5} ${1 - (reactions.get(second) ?? 0) / 5}`);
	}

	// A jump shows the totals up to there, and no heart.
	await expect(hearts(page)).toHaveText('1');
	await seek(7);
	await expect(hearts(page)).toHaveText('4');
	await expect(claps).toHaveText('0');
	expect(await flights()).toEqual([]);

	// What plays flies at its second.
	await media.evaluate((video: HTMLVideoElement) => video.play());
	await expect(claps).toHaveText('5');
	await expect.poll(() => page.evaluate(() => document.querySelector('likewire-player')?.media.ended)).toBe(true);
	const flown = (await flights()).map(([at, type, count]) => [Math.floor((at - start) / 1_000), type, count] as const);
	const claps8 = flown.filter(([second, type]) => second === 8 && type === 'clap');
	expect(claps8.reduce((sum, [, , count]) => sum + count, 0)).toBe(5);
	expect(flown.filter(([second]) => second !== 8)).toEqual([[9, 'wow', 1]]);

	// A tap counts now.
	await page.getByRole('button', { name: 'Heart' }).click();
	await expect(hearts(page)).toHaveText('5');

	// A mark of the keyboard seeks.
	const answer = await fetch(`${gateway.url}${paths.highlights('show')}?count=1`);
	const [best] = ((await answer.json()) as HighlightsAnswer).highlights;
	const at = Math.max(0, ((best?.from ?? 0) - start) / 1_000);
	await page.getByRole('button', { name: /^Full screen/ }).focus();
	await page.keyboard.press('Tab');
	await expect(page.getByRole('button', { name: /^Go to / }).first()).toBeFocused();
	await page.getByRole('button', { name: new RegExp(`^Go to 0:0${Math.floor(at)}, `) }).focus();
	await page.keyboard.press('Enter');
	await expect.poll(() => media.evaluate(({ currentTime }: HTMLVideoElement) => currentTime)).toBeCloseTo(at, 1);
	await page.emulateMedia({ reducedMotion: 'reduce' });
	await expectAccessible(page);
	await page.screenshot({ path: info.outputPath('replay.png') });
	expect(faults).toEqual([]);
});
