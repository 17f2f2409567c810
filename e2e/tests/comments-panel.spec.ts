import type { Browser, Locator, Page } from '@playwright/test';
import { expect, Player, test } from '../support/test.ts';

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

/** Opens a page as a new user. */
async function open(browser: Browser, url: string): Promise<Page> {
	const page = await (await browser.newContext()).newPage();
	await page.goto(url);
	await expect(new Player(page).state).toHaveAttribute('data-state', 'live');
	return page;
}

async function write(page: Page, text: string): Promise<void> {
	await page.locator('[data-comment]').fill(text);
	await page.locator('[data-comment]').press('Enter');
}

function row(page: Page, text: string): Locator {
	return page.locator('li.comment', { has: page.locator('.text').filter({ hasText: text }) });
}

test('shows comments, answers, likes and deletions to the other user, once, and as text', async ({
	browser,
	gateway,
}) => {
	const url = `${gateway.url}/?video=talk`;
	const [ann, bob] = [await open(browser, url), await open(browser, url)];
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

test('shows why a comment was refused, and discards it', async ({ browser, gateway }) => {
	const page = await open(browser, `${gateway.url}/?video=refused`);
	await write(page, '\u200b');
	const failed = page.locator('li[data-state="failed"]');
	await expect(failed).toContainText('Not sent.');
	await expect(page.locator('[data-comments-problem]')).toContainText('at least one character');
	await failed.getByRole('button', { name: 'Discard' }).click();
	await expect(failed).toHaveCount(0);
});

test('renders few of hundreds of comments, and keeps the scroll position of a user reading older ones', async ({
	browser,
	gateway,
}) => {
	const post = async (text: string) => {
		const answer = await fetch(`${gateway.url}/v1/videos/long/comments`, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json', 'X-Likewire-User': 'bot' },
			body: JSON.stringify({ text }),
		});
		expect(answer.status).toBe(201);
		const { id } = (await answer.json()) as { id: string };
		return id;
	};
	for (let n = 0; n < 200; n++) await post(`line ${n} ${'word '.repeat(n % 30)}`);
	const page = await open(browser, `${gateway.url}/?video=long`);
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
	await fetch(`${gateway.url}/v1/videos/long/comments/${deleted}`, {
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

test('disables reactions and comments when the video ends', async ({ browser, gateway }) => {
	const page = await open(browser, `${gateway.url}/?video=over`);
	await fetch(`${gateway.url}/v1/videos/over/end`, { method: 'POST' });
	await expect(page.locator('[data-badge]')).toHaveText('Ended');
	await expect(page.locator('[data-composer]')).toBeHidden();
	await expect(new Player(page).button('heart')).toBeDisabled();
});
