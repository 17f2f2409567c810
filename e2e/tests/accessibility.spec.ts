import type { Browser, Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { postComment } from '../support/comments.ts';
import { commentRow, endVideo, openPage, writeComment } from '../support/demo-page.ts';
import type { TestGateway } from '../support/gateway.ts';
import { expect, Player, test } from '../support/test.ts';

interface Scene {
	readonly gateway: TestGateway;
	readonly page: Page;
	readonly video: string;
}

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
		// The list is shorter now, and follows its end in the next frames.
		await expect(commentRow(page, 'mine').locator('.delete')).toBeInViewport({ ratio: 1 });
	},
	async 'with a refused comment'({ page }) {
		await page.locator('[data-comment]').fill('\u200b');
		await page.locator('[data-comment]').press('Enter');
		await expect(page.locator('li[data-state="failed"]')).toBeVisible();
	},
	async 'with new comments below'({ gateway, page, video }) {
		for (let n = 0; n < 25; n++) await postComment(gateway.url, video, `user-${n}`, `line ${n}`);
		await expect(commentRow(page, 'line 24')).toHaveCount(1);
		await page.locator('[data-comments]').evaluate((scroller) => {
			scroller.scrollTop = 0;
		});
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

async function walk(
	browser: Browser,
	gateway: TestGateway,
	width: number,
	colorScheme: 'light' | 'dark',
): Promise<void> {
	const video = 'states';
	const page = await openPage(browser, `${gateway.url}/?video=${video}`, {
		viewport: { width, height: 800 },
		colorScheme,
		// A colour in transition has another contrast.
		reducedMotion: 'reduce',
	});
	for (const [name, reach] of Object.entries(STATES)) {
		await test.step(`a page ${name}`, async () => {
			await reach({ gateway, page, video });
			await expectAccessible(page);
		});
	}
}

for (const colorScheme of ['light', 'dark'] as const) {
	for (const width of [360, 768, 1440]) {
		test(`has no violation in any state at ${width} pixels, ${colorScheme}`, async ({ browser, gateway }) => {
			await walk(browser, gateway, width, colorScheme);
		});
	}
}
