import { expectAccessible } from '../support/axe.ts';
import { postComment } from '../support/comments.ts';
import { defineElements, expect, test } from '../support/element-site.ts';

const bodyOf = (video: string) => `<h1>A show</h1>
<likewire-reactions video="${video}"></likewire-reactions>
<likewire-comments video="${video}"></likewire-comments>`;

const WIDTHS = [360, 768, 1440];

for (const colorScheme of ['light', 'dark'] as const) {
	test(`is accessible and fits at 360, 768 and 1440 pixels, ${colorScheme}, open and ended`, async ({
		browser,
		sharedGateway: gateway,
		ownVideo: video,
		site,
	}, info) => {
		await gateway.like(video, 'heart', 'bob');
		const answered = await postComment(gateway.url, video, 'bob', 'What a goal! '.repeat(12));
		await postComment(gateway.url, video, 'ann', 'And the next one', answered);
		await postComment(gateway.url, video, 'ann', 'averylongwordthatnolinetakes'.repeat(6));
		const page = await (await browser.newContext({ colorScheme })).newPage();
		await site.open(page, gateway.url, { body: bodyOf(video) });
		await expect(page.getByRole('listitem')).toHaveCount(3);
		await page.getByRole('textbox').fill('\u200b');
		await page.keyboard.press('Enter');
		await expect(page.getByText('Not sent.')).toBeVisible();
		await page.getByRole('button', { name: 'Reply to bob' }).click();
		for (const state of ['open', 'ended']) {
			if (state === 'ended') {
				await fetch(`${gateway.url}/v1/videos/${video}/end`, { method: 'POST' });
				await expect(page.getByText('Comments are closed').last()).toBeVisible();
			}
			for (const width of WIDTHS) {
				await page.setViewportSize({ width, height: 800 });
				await expectAccessible(page);
				expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
				await page.screenshot({ path: info.outputPath(`elements-${state}-${colorScheme}-${width}.png`) });
			}
		}
	});
}

test('speaks the language of the page, from right to left, with its own texts', async ({
	page,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}, info) => {
	for (let likes = 0; likes < 3; likes++) await gateway.like(video, 'heart', 'bob');
	await postComment(gateway.url, video, 'bob', 'English, from left to right');
	await site.open(page, gateway.url, { body: bodyOf(video), html: 'lang="ar-EG" dir="rtl"', script: 'none' });
	await defineElements(page, gateway.url);
	await page.evaluate(async (url) => {
		const { setTexts } = await import(/* @vite-ignore */ url);
		setTexts({ 'reaction-heart': 'قلب', send: 'إرسال', 'comment-field': 'اكتب تعليقا' });
	}, `${gateway.url}/element.js`);
	const heart = page.getByRole('button', { name: 'قلب' });
	await expect(heart.locator('[data-value]')).toHaveText('٣');
	await expect(heart.locator('[data-value]')).toHaveAttribute('data-value', '3');
	const send = page.getByRole('button', { name: 'إرسال' });
	await expect(page.getByRole('textbox', { name: 'اكتب تعليقا' })).toBeVisible();
	const [first, last] = [page.getByRole('button', { name: 'قلب' }), page.getByRole('button', { name: 'Wow' })];
	expect((await first.boundingBox())?.x).toBeGreaterThan((await last.boundingBox())?.x ?? Number.POSITIVE_INFINITY);
	expect((await send.boundingBox())?.x).toBeLessThan(200);
	await expect(page.getByText('English, from left to right')).toHaveCSS('direction', 'ltr');
	await expectAccessible(page);
	await page.screenshot({ path: info.outputPath('elements-rtl.png') });

	await page.evaluate(() => document.documentElement.setAttribute('lang', 'de'));
	await page.locator('likewire-reactions').evaluate((element) => {
		Object.assign(element, { texts: { 'reaction-heart': 'Herz' }, lang: 'de' });
	});
	for (let likes = 3; likes < 1_000; likes += 100) {
		const likesLeft = Array.from({ length: 100 }, () => gateway.like(video, 'heart', 'bob'));
		await Promise.all(likesLeft);
	}
	await expect(page.getByRole('button', { name: 'Herz' }).locator('[data-value]')).toHaveText('1.003');
});
