import { paths } from '@likewire/protocol';
import type { Browser, BrowserContextOptions, Locator, Page } from '@playwright/test';
import type { TestGateway } from './gateway.ts';
import { expect, Player } from './test.ts';

/** A page with a clip that plays uses a third of a core, so only tests of motion have it. */
export const STILL = { reducedMotion: 'reduce' } as const satisfies BrowserContextOptions;

/** Opens a page of the demo as a new user, with reduced motion, and resolves when it is live. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
	const page = await (await browser.newContext({ ...STILL, ...options })).newPage();
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

/** Scrolls the comments, and resolves when the first or the last one is in sight and the list no longer moves. */
export async function scrollComments(page: Page, to: 'start' | 'end'): Promise<void> {
	const settles = () =>
		page.locator('[data-comments]').evaluate(async (scroller, to) => {
			scroller.scrollTop = to === 'start' ? 0 : scroller.scrollHeight;
			const frame = () => new Promise(requestAnimationFrame);
			const layout = () => {
				const rows = [...scroller.querySelectorAll('li.comment')];
				return [scroller, ...rows].map((element) => Object.values(element.getBoundingClientRect().toJSON())).join();
			};
			const before = layout();
			// The list measures its rows one frame after a change of its size.
			for (let frames = 0; frames < 3; frames++) await frame();
			if (layout() !== before) return false;
			const rows = [...scroller.querySelectorAll('li.comment')];
			const row = to === 'start' ? rows[0] : rows.at(-1);
			if (row === undefined) return true;
			const { top, bottom } = row.getBoundingClientRect();
			const sight = scroller.getBoundingClientRect();
			// The list gives its rows whole pixels.
			return to === 'start' ? top > sight.top - 1 : bottom < sight.bottom + 1;
		}, to);
	await expect.poll(settles).toBe(true);
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
