import { paths } from '@likewire/protocol';
import { postComment } from '../support/comments.ts';
import { announcements, commentRow, endVideo, openPage, writeComment } from '../support/demo-page.ts';
import { expectVisibleFocus } from '../support/focus.ts';
import { expect, Player, test } from '../support/test.ts';

test('returns the focus to the field after Send, and moves it to the next comment after Delete', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const page = await openPage(browser, `${gateway.url}/?video=${video}`);
	await page.locator('[data-comment]').fill('one');
	await page.keyboard.press('Tab');
	await expect(page.locator('[data-send]')).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(commentRow(page, 'one')).toHaveAttribute('data-state', 'stored');
	await expect(page.locator('[data-comment]')).toBeFocused();
	for (const text of ['two', 'three']) await writeComment(page, text);
	const order = [
		{ deleted: 'two', next: commentRow(page, 'three') },
		{ deleted: 'three', next: commentRow(page, 'one') },
		{ deleted: 'one', next: page.locator('[data-comments]') },
	];
	for (const { deleted, next } of order) {
		await commentRow(page, deleted)
			.getByRole('button', { name: /^Delete/ })
			.focus();
		await page.keyboard.press('Enter');
		await expect(commentRow(page, deleted)).toHaveCount(0);
		await expect(next).toBeFocused();
		await expectVisibleFocus(page);
	}
});

test('moves the focus to the next comment when the author of another deletes it', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const page = await openPage(browser, `${gateway.url}/?video=${video}`);
	const id = await postComment(gateway.url, video, 'bob', 'goes');
	await postComment(gateway.url, video, 'bob', 'stays');
	await commentRow(page, 'goes')
		.getByRole('button', { name: /^Reply/ })
		.focus();
	const deleted = await fetch(gateway.url + paths.comment(video, id), {
		method: 'DELETE',
		headers: { 'X-Likewire-User': 'bob' },
	});
	expect(deleted.status).toBe(200);
	await expect(commentRow(page, 'goes')).toHaveCount(0);
	await expect(commentRow(page, 'stays')).toBeFocused();
});

test('shows why a comment was refused, and keeps the focus in the list after Send again and Discard', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const page = await openPage(browser, `${gateway.url}/?video=${video}`);
	await page.locator('[data-comment]').fill('\u200b');
	await page.keyboard.press('Enter');
	const failed = page.locator('li[data-state="failed"]');
	await expect(failed).toContainText('Not sent.');
	await expect(page.locator('[data-comments-problem]')).toContainText('at least one character');
	await failed.getByRole('button', { name: /^Send again/ }).focus();
	const refused = page.waitForResponse((response) => response.url().endsWith('/comments') && !response.ok());
	await page.keyboard.press('Enter');
	await refused;
	await expect(failed).toHaveCount(1);
	await expectVisibleFocus(page);
	await failed.getByRole('button', { name: /^Discard/ }).focus();
	await page.keyboard.press('Enter');
	await expect(failed).toHaveCount(0);
	await expect(page.locator('[data-comments]')).toBeFocused();
});

test('stays at the comment with the focus, and moves the focus to the list after the jump to new ones', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	for (let n = 0; n < 30; n++) await postComment(gateway.url, video, 'bob', `line ${n}`);
	const page = await openPage(browser, `${gateway.url}/?video=${video}`);
	await expect(commentRow(page, 'line 29')).toBeInViewport();
	// A press makes the focus visible; a script alone does not.
	await page.locator('[data-comment]').focus();
	await page.keyboard.press('Shift+Tab');
	await expect(commentRow(page, 'line 29').getByRole('button', { name: /^Reply/ })).toBeFocused();
	for (let n = 30; n < 50; n++) await postComment(gateway.url, video, 'bob', `line ${n}`);
	const newer = page.locator('[data-newer]');
	await expect(newer).toHaveText('20 new');
	await expectVisibleFocus(page);

	await newer.focus();
	await page.keyboard.press('Enter');
	await expect(commentRow(page, 'line 49')).toBeInViewport();
	await expect(newer).toBeHidden();
	await expect(page.locator('[data-comments]')).toBeFocused();
});

test('moves the focus to the comment that an answer quotes', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const parent = await postComment(gateway.url, video, 'bob', 'the first');
	for (let n = 0; n < 30; n++) await postComment(gateway.url, video, 'bob', `line ${n}`);
	await postComment(gateway.url, video, 'bob', 'an answer', parent);
	const page = await openPage(browser, `${gateway.url}/?video=${video}`);
	await page.locator('[data-comment]').focus();
	await page.keyboard.press('Shift+Tab');
	await commentRow(page, 'an answer').locator('.quote').focus();
	await page.keyboard.press('Enter');
	await expect(commentRow(page, 'the first')).toBeFocused();
	await expectVisibleFocus(page);
});

test('keeps a half-written comment and its focus when the video ends', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const page = await openPage(browser, `${gateway.url}/?video=${video}`);
	const field = page.locator('[data-comment]');
	await field.pressSequentially('I was about to sa');
	await endVideo(gateway, page, video);
	await expect(page.locator('[data-comments-closed]')).toBeVisible();
	await expect(field).toBeVisible();
	await expect(field).toHaveValue('I was about to sa');
	await expect(field).toBeFocused();
	// The text can be copied, and no longer sent.
	await expect(field).not.toBeEditable();
	await page.keyboard.press('Enter');
	await expect(page.locator('[data-send]')).toBeHidden();
	await expect(page.locator('li.comment')).toHaveCount(0);
});

/** What has the focus when a video ends, by its selector. */
const FOCUSED = {
	'a reaction': 'button[data-type="clap"]',
	'the empty field': '[data-comment]',
	'Cancel of an answer': '[data-end-reply]',
	'Like of a comment': 'li.comment .like',
	'Reply of a comment': 'li.comment .reply',
	'Delete of a comment': 'li.comment .delete',
};

test('keeps the focus in the page when the video ends', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const page = await openPage(browser, `${gateway.url}/?video=${video}`);
	for (const [name, selector] of Object.entries(FOCUSED)) {
		await test.step(`on ${name}`, async () => {
			const own = `${video}-${name.replaceAll(' ', '-')}`;
			await page.goto(`${gateway.url}/?video=${own}`);
			await writeComment(page, 'mine');
			if (selector === '[data-end-reply]') await page.locator('li.comment .reply').click();
			await page.keyboard.press('Tab');
			await page.locator(selector).focus();
			await endVideo(gateway, page, own);
			await expect(page.locator('[data-comments-closed]')).toBeVisible();
			await expectVisibleFocus(page);
		});
	}
});

test('says in a live region that the video has ended, disables reactions and comments, and offers a replay', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const page = await openPage(browser, `${gateway.url}/?video=${video}`);
	expect(await announcements(page)).not.toMatch(/ended/i);
	await gateway.like(video, 'heart', 'bob');
	await endVideo(gateway, page, video);
	await expect.poll(() => announcements(page)).toContain('The video has ended.');
	await expect(page.locator('[data-composer]')).toBeHidden();
	await expect(new Player(page).button('heart')).toBeDisabled();
	const heat = page
		.getByRole('region', { name: 'Replay' })
		.getByRole('img', { name: /^Reactions over time, most at 0:/ });
	await expect(heat).toBeVisible();
	await expect(page.getByRole('heading', { name: 'Replay' })).toBeVisible();
});

test('names the author and the text of a comment in each button of its row', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const page = await openPage(browser, `${gateway.url}/?video=${video}`);
	await postComment(gateway.url, video, 'bob', 'from bob');
	await writeComment(page, 'my own');
	const of = (text: string, name: RegExp) => commentRow(page, text).getByRole('button', { name });
	await expect(of('from bob', /^Like, 0 so far: bob, from bob$/)).toBeVisible();
	await expect(of('from bob', /^Reply to bob, from bob$/)).toBeVisible();
	await expect(of('my own', /^Delete your comment, my own$/)).toBeVisible();
	const names = await page
		.getByRole('button')
		.evaluateAll((buttons) => buttons.map((button) => button.ariaLabel ?? button.textContent));
	expect(names.length).toBe(new Set(names).size);
});
