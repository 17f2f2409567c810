import { postComment } from '../support/comments.ts';
import { commentRow, openPage } from '../support/demo-page.ts';
import { expectVisibleFocus, tabTo } from '../support/focus.ts';
import { expect, Player, test } from '../support/test.ts';

test('lets a viewer use the whole page by keyboard, with the focus in sight, under its policy', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	for (let n = 0; n < 30; n++) await postComment(gateway.url, video, 'bob', `line ${n}`);
	const page = await openPage(browser, `${gateway.url}/?video=${video}`, {
		permissions: ['clipboard-read', 'clipboard-write'],
		// The clip plays.
		reducedMotion: 'no-preference',
	});
	const failures: string[] = [];
	page.on('pageerror', (error) => failures.push(error.message));
	page.on('console', (message) => message.type() === 'error' && failures.push(message.text()));
	await expect(commentRow(page, 'line 29')).toBeInViewport();

	await tabTo(page, '[data-pause]');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('button', { name: 'Play the video' })).toBeFocused();
	await expectVisibleFocus(page);

	await tabTo(page, 'button[data-type="clap"]');
	await page.keyboard.press('Enter');
	await expect(new Player(page).count('clap')).toHaveAttribute('data-value', '1');

	await tabTo(page, '[data-comment]');
	await page.keyboard.type('by keyboard');
	await tabTo(page, '[data-send]');
	await page.keyboard.press('Enter');
	const own = commentRow(page, 'by keyboard');
	await expect(own).toHaveAttribute('data-state', 'stored');
	await expectVisibleFocus(page);

	await tabTo(page, 'li.comment.own .like', 'Shift+Tab');
	await page.keyboard.press('Enter');
	await expect(own.locator('.likes')).toHaveText('1');
	await expectVisibleFocus(page);

	await tabTo(page, 'li.comment.own .delete');
	await page.keyboard.press('Enter');
	await expect(own).toHaveCount(0);
	await expect(commentRow(page, 'line 29')).toBeFocused();
	await expectVisibleFocus(page);

	for (let n = 30; n < 50; n++) await postComment(gateway.url, video, 'bob', `line ${n}`);
	await expect(page.locator('[data-newer]')).toHaveText('20 new');
	await page.keyboard.press('End');
	await expect(commentRow(page, 'line 49')).toBeInViewport();
	await expectVisibleFocus(page);
	await page.keyboard.press('Home');
	await expect(page.locator('[data-newer]')).toBeVisible();
	await tabTo(page, '[data-newer]', 'Shift+Tab');
	await page.keyboard.press('Enter');
	await expect(commentRow(page, 'line 49')).toBeInViewport();
	await expectVisibleFocus(page);

	await tabTo(page, '[data-copy="code"]');
	await page.keyboard.press('Enter');
	await expect(page.locator('[data-copy="code"]')).toContainText('Copied');
	await expectVisibleFocus(page);
	expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('createClient');
	expect(failures).toEqual([]);
});
