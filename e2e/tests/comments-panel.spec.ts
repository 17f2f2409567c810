import { paths } from '@likewire/protocol';
import type { Locator, Page } from '@playwright/test';
import { postComment } from '../support/comments.ts';
import { openPage } from '../support/demo-page.ts';
import { expect, test } from '../support/test.ts';

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

async function write(page: Page, text: string): Promise<void> {
	await page.locator('[data-comment]').fill(text);
	await page.locator('[data-comment]').press('Enter');
}

function row(page: Page, text: string): Locator {
	return page.locator('li.comment', { has: page.locator('.text').filter({ hasText: text }) });
}

test('shows comments, answers, likes and deletions to the other user, once, and as text', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const url = `${gateway.url}/?video=${video}`;
	const [ann, bob] = [await openPage(browser, url), await openPage(browser, url)];
	const title = await bob.title();
	await write(ann, HOSTILE);
	await expect(row(bob, HOSTILE)).toHaveCount(1);
	await expect(row(ann, HOSTILE)).toHaveCount(1);
	await expect(row(ann, HOSTILE)).toHaveAttribute('data-state', 'stored');
	await expect(row(bob, HOSTILE).locator('.avatar')).toHaveClass(/online/);
	for (const page of [ann, bob]) await expect(page.locator('[data-viewers]')).toHaveText('2');

	await bob.locator('[data-comment]').pressSequentially('yes');
	await expect(ann.locator('[data-typing]')).toContainText('is typing');
	await row(bob, HOSTILE).getByRole('button', { name: 'Reply' }).click();
	await write(bob, 'so it is');
	await expect(row(ann, 'so it is').locator('.quote')).toContainText('<img src=x');
	await expect(ann.locator('[data-typing]')).toBeHidden();

	await row(bob, HOSTILE).locator('.like').click();
	await expect(row(ann, HOSTILE).locator('.likes')).toHaveText('1');
	await expect(row(bob, HOSTILE).getByRole('button', { name: 'Delete' })).toBeHidden();
	await row(ann, HOSTILE).getByRole('button', { name: 'Delete' }).click();
	await expect(row(bob, HOSTILE)).toHaveCount(0);
	await expect(row(bob, 'so it is').locator('.quote')).not.toContainText('<img');
	expect(await bob.title()).toBe(title);
});

test('renders few of hundreds of comments, and keeps the scroll position of a user reading older ones', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const post = (text: string) => postComment(gateway.url, video, 'bot', text);
	for (let n = 0; n < 200; n++) await post(`line ${n} ${'word '.repeat(n % 30)}`);
	const page = await openPage(browser, `${gateway.url}/?video=${video}`);
	const scroller = page.locator('[data-comments]');
	await expect(row(page, 'line 199')).toBeInViewport();
	await expect(async () => {
		await scroller.evaluate((element) => {
			element.scrollTop = 0;
		});
		await expect(row(page, 'line 0 ')).toBeVisible({ timeout: 100 });
	}).toPass();
	expect(await page.locator('li.comment').count()).toBeLessThan(40);

	await scroller.evaluate((element) => {
		element.scrollTop = element.scrollHeight / 2;
	});
	const first = () =>
		scroller.evaluate((element) => {
			const { top } = element.getBoundingClientRect();
			const rows = [...element.querySelectorAll<HTMLElement>('li.comment')];
			const seen = rows.find((row) => row.getBoundingClientRect().bottom > top + 5);
			return seen && [seen.dataset.key, Math.round(seen.getBoundingClientRect().top - top)];
		});
	// The list measures rows when it renders them first, which may move the others.
	let before = await first();
	await expect(async () => {
		const last = before;
		before = await first();
		expect(before).toEqual(last);
	}).toPass();
	const deleted = await post('to be deleted');
	for (let n = 0; n < 30; n++) await post(`more ${n}`);
	await expect(page.locator('[data-newer]')).toHaveText('31 new');
	await fetch(gateway.url + paths.comment(video, deleted), {
		method: 'DELETE',
		headers: { 'X-Likewire-User': 'bot' },
	});
	await expect(page.locator('[data-newer]')).toHaveText('30 new');
	expect(await first()).toEqual(before);
	await page.locator('[data-newer]').click();
	await expect(row(page, 'more 29')).toBeInViewport();

	// The field grows between the frame in which the list scrolls to the new row and the event of this scroll.
	await page.locator('[data-comment]').fill('the last');
	await page.locator('[data-comment]').evaluate((field: HTMLTextAreaElement) => {
		field.form?.requestSubmit();
		requestAnimationFrame(() => {
			field.value = 'long '.repeat(80);
			field.dispatchEvent(new Event('input'));
		});
	});
	await expect(row(page, 'the last').getByRole('button', { name: /^Delete/ })).toBeInViewport({ ratio: 1 });
});
