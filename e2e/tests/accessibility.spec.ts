import type { Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { postComment } from '../support/comments.ts';
import { commentRow, endVideo, openPage, scrollComments, writeComment } from '../support/demo-page.ts';
import type { TestGateway } from '../support/gateway.ts';
import { expect, Player, test } from '../support/test.ts';

interface Scene {
	readonly gateway: TestGateway;
	readonly page: Page;
	readonly video: string;
}

const AT_START = 'with new comments below';

/** The states of the page, each reached from the one before. */
const STATES: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
	async 'without comments'({ page }) {
		await expect(page.locator('[data-no-comments]')).toBeVisible();
	},
	async 'with an answer in the making'({ gateway, page, video }) {
		const parent = await postComment(gateway.url, video, 'bob', 'Is that the drummer of the first record?');
		await postComment(gateway.url, video, 'ann', 'It is.', parent);
		await writeComment(page, 'mine');
		await commentRow(page, 'mine').locator('.like').click();
		await expect(commentRow(page, 'mine').locator('.likes')).toHaveText('1');
		await gateway.like(video, 'heart', 'bob');
		await commentRow(page, 'It is.').locator('.reply').click();
		await page.locator('[data-comment]').fill('w'.repeat(450));
	},
	async 'with a refused comment'({ page }) {
		await page.locator('[data-comment]').fill('\u200b');
		await page.locator('[data-comment]').press('Enter');
		await expect(page.locator('li[data-state="failed"]')).toBeVisible();
	},
	async [AT_START]({ gateway, page, video }) {
		for (let n = 0; n < 25; n++) await postComment(gateway.url, video, `user-${n}`, `line ${n}`);
		await expect(commentRow(page, 'line 24')).toHaveCount(1);
		await scrollComments(page, 'start');
		await expect(page.locator('[data-newer]')).toBeVisible();
	},
	async 'of an ended video'({ gateway, page, video }) {
		await page.locator('[data-comment]').fill('too late');
		await endVideo(gateway, page, video);
	},
	async 'without a connection'({ gateway, page }) {
		await gateway.stop();
		await expect(new Player(page).state).toHaveAttribute('data-state', 'waiting');
	},
};

const WIDTHS = [360, 768, 1440];

for (const colorScheme of ['light', 'dark'] as const) {
	test(`has no violation in any state at ${WIDTHS.join(', ')} pixels, ${colorScheme}`, async ({ browser, gateway }) => {
		const video = 'states';
		// A colour in transition has another contrast, so the page has reduced motion.
		const page = await openPage(browser, `${gateway.url}/?video=${video}`, { colorScheme });
		// Tests in light reach each state in a wide page, and those in dark in a narrow one.
		const widths = colorScheme === 'light' ? WIDTHS : WIDTHS.toReversed();
		await page.setViewportSize({ width: widths.at(-1) as number, height: 800 });
		for (const [name, reach] of Object.entries(STATES)) {
			await test.step(`a page ${name}`, async () => {
				await reach({ gateway, page, video });
				for (const width of widths) {
					await page.setViewportSize({ width, height: 800 });
					await scrollComments(page, name === AT_START ? 'start' : 'end');
					await expectAccessible(page);
				}
			});
		}
	});
}
