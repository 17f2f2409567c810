import { paths } from '@likewire/protocol';
import type { Browser, BrowserContextOptions, Locator, Page } from '@playwright/test';
import type { TestGateway } from './gateway.ts';
import { expect, Player } from './test.ts';

/** Opens a page of the demo as a new user, and resolves when it is live. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
	const page = await (await browser.newContext(options)).newPage();
	await page.goto(url);
	await expect(new Player(page).state).toHaveAttribute('data-state', 'live');
	return page;
}

/** Ends a video, and resolves when the page shows it. */
export async function endVideo(gateway: TestGateway, page: Page, video: string): Promise<void> {
	const answer = await fetch(`${gateway.url}${paths.video(video)}/end`, { method: 'POST' });
	expect(answer.status).toBe(202);
	await expect(page.locator('[data-badge]')).toHaveText('Ended');
}

/** Returns the row of the comment with this text, stored or not. */
export function commentRow(page: Page, text: string): Locator {
	return page.locator('li.comment', { has: page.locator('.text').getByText(text, { exact: true }) });
}

/** Writes a comment, and resolves when it is stored. */
export async function writeComment(page: Page, text: string): Promise<void> {
	await page.locator('[data-comment]').fill(text);
	await page.locator('[data-comment]').press('Enter');
	await expect(commentRow(page, text)).toHaveAttribute('data-state', 'stored');
}

/** Returns what the live regions of a page say. */
export function announcements(page: Page): Promise<string> {
	return page.evaluate(() =>
		[...document.querySelectorAll<HTMLElement>('[aria-live], [role="status"], [role="alert"]')]
			.filter((region) => region.checkVisibility())
			.map((region) => region.textContent)
			.join('\n'),
	);
}
