import { paths } from '@likewire/protocol';
import type { Page } from '@playwright/test';
import { postComment } from '../support/comments.ts';
import { collectEvents, collectEventsOfNext, defineElements, expect, test } from '../support/element-site.ts';
import type { TestGateway } from '../support/gateway.ts';

const hearts = (video: string) => `<likewire-hearts video="${video}"></likewire-hearts>`;
const reactions = (video: string) => `<likewire-reactions video="${video}"></likewire-reactions>`;
const comments = (video: string) => `<likewire-comments video="${video}"></likewire-comments>`;

function end(gateway: TestGateway, video: string): Promise<Response> {
	return fetch(`${gateway.url}${paths.video(video)}/end`, { method: 'POST' });
}

/** Returns what has the focus, inside of shadow roots. */
function focused(page: Page): Promise<string> {
	return page.evaluate(() => {
		let element = document.activeElement;
		while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
		return element?.getAttribute('part') ?? element?.localName ?? '';
	});
}

test('counts and shows taps on a foreign page under a strict policy, with one script tag', async ({
	page,
	browser,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	const body = `${hearts(video)}${reactions(video)}${comments(video)}`;
	const css = 'likewire-hearts { position: absolute; inset: 0; }';
	const events = await collectEventsOfNext(page);
	const faults = await site.open(page, gateway.url, { body, css });
	const other = await (await browser.newContext()).newPage();
	await site.open(other, gateway.url, { body: reactions(video), script: 'after' });

	await page.getByRole('button', { name: 'Clap' }).click();
	await page.getByRole('button', { name: 'Clap' }).click();
	for (const each of [page, other]) {
		await expect(each.getByRole('button', { name: 'Clap' }).locator('[data-value]')).toHaveText('2');
	}
	await expect.poll(events).toEqual(expect.arrayContaining(['state', 'totals', 'like']));
	await page.getByRole('textbox').fill('hello');
	await page.getByRole('button', { name: 'Send' }).click();
	await expect(page.getByText('hello')).toBeVisible();
	await expect.poll(events).toContain('comment');
	expect(faults).toEqual([]);
});

test('draws hearts of taps and of other viewers, each once', async ({
	page,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	const body = `${hearts(video)}${reactions(video)}`;
	await site.open(page, gateway.url, { body, css: 'likewire-hearts { height: 300px; }', script: 'none' });
	await defineElements(page, gateway.url);
	const flights = await page.evaluateHandle(() => {
		const flights: { type: string; count: number; own: boolean }[] = [];
		const element = document.querySelector('likewire-hearts') as unknown as {
			live: { on(name: string, listener: (flight: never) => void): void };
		};
		element.live.on('flight', (flight) => flights.push(flight));
		return flights;
	});
	await page.getByRole('button', { name: 'Heart' }).click();
	await expect.poll(() => gateway.storedLikes(video).length).toBe(1);
	await gateway.like(video, 'wow', 'bob');
	await expect.poll(() => flights.jsonValue()).toHaveLength(2);
	expect(await flights.jsonValue()).toMatchObject([
		{ type: 'heart', own: true },
		{ type: 'wow', count: 1, own: false },
	]);
	const pixels = () =>
		page.evaluate(() => {
			const canvas = document.querySelector('likewire-hearts')?.shadowRoot?.querySelector('canvas');
			const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
			return data.some((value) => value > 0);
		});
	await gateway.like(video, 'wow', 'bob');
	await expect.poll(pixels).toBe(true);
});

test('keeps the focus on a reaction when the video ends, and announces the end', async ({
	page,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	await site.open(page, gateway.url, { body: reactions(video) });
	const heart = page.getByRole('button', { name: 'Heart' });
	await expect(heart).toBeVisible();
	await page.keyboard.press('Tab');
	await expect(heart).toBeFocused();
	await page.keyboard.press('Space');
	// A key that is held down repeats.
	await page.keyboard.down('Enter');
	await page.keyboard.down('Enter');
	await page.keyboard.up('Enter');
	await expect(heart.locator('[data-value]')).toHaveText('2');
	await expect.poll(() => gateway.storedLikes(video).length).toBe(2);

	await end(gateway, video);
	await expect(page.getByRole('status')).toHaveText('The video has ended.');
	await expect(heart).toBeFocused();
	await expect(heart).toHaveAttribute('aria-disabled', 'true');
	await page.keyboard.press('Enter');
	await expect(heart.locator('[data-value]')).toHaveText('2');
});

test('lets a user at the keyboard write, answer, like and delete comments without losing the focus', async ({
	page,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	await postComment(gateway.url, video, 'bob', 'first');
	await site.open(page, gateway.url, { body: comments(video) });
	const field = page.getByRole('textbox');
	const row = (text: string) => page.getByRole('listitem').filter({ hasText: text });
	await field.focus();
	for (const text of ['mine', 'mine too']) {
		await page.keyboard.type(text);
		await page.keyboard.press('Enter');
		await expect(row(text).last()).toHaveAttribute('data-status', 'sent');
		await expect(field).toBeFocused();
	}

	await row('first').getByRole('button', { name: 'Reply to bob' }).focus();
	await page.keyboard.press('Enter');
	await expect(field).toBeFocused();
	await page.keyboard.type('an answer');
	await page.keyboard.press('Tab');
	await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(field).toBeFocused();
	await expect(row('an answer')).toContainText('bob: first');

	const like = page.getByRole('button', { name: /^(Like|You like) the comment of bob/ });
	await like.focus();
	await page.keyboard.press('Enter');
	await expect(like).toHaveAccessibleName('You like the comment of bob, 1 like so far');
	await page.keyboard.press('Enter');
	await expect(like).toBeFocused();

	await row('mine too')
		.getByRole('button', { name: /^Delete the comment of / })
		.focus();
	await page.keyboard.press('Enter');
	await expect(row('mine too')).toHaveCount(0);
	await expect(row('an answer')).toBeFocused();
	await expect(page.getByRole('status').filter({ hasText: 'The comment was deleted.' })).toHaveCount(1);
	expect(await focused(page)).toContain('comment');
});

test('keeps half-written text over a restart of the gateway and the end of the video', async ({
	page,
	gateway,
	site,
	ownVideo: video,
}) => {
	await site.open(page, gateway.url, { body: comments(video) });
	const field = page.getByRole('textbox');
	await field.fill('half of a sent');
	const events = await collectEvents(page);
	await gateway.stop();
	await expect.poll(events).toContain('state');
	await gateway.start();
	await postComment(gateway.url, video, 'bob', 'back again');
	await expect(page.getByText('back again')).toBeVisible();
	await expect(field).toHaveValue('half of a sent');
	await expect(field).toBeFocused();

	await end(gateway, video);
	await expect(page.getByRole('status').filter({ hasText: 'Comments are closed' })).toHaveCount(1);
	await expect(field).toHaveValue('half of a sent');
	await expect(field).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(field).toHaveValue('half of a sent');
});

test('shows why a comment was refused, and sends it again or discards it', async ({
	page,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	await site.open(page, gateway.url, { body: comments(video) });
	await page.getByRole('textbox').fill('\u200b');
	await page.keyboard.press('Enter');
	const failed = page.getByRole('listitem').filter({ hasText: 'Not sent.' });
	await failed.getByRole('button', { name: /^Send again/ }).focus();
	await page.keyboard.press('Enter');
	await expect(failed).toHaveCount(1);
	await failed.getByRole('button', { name: /^Discard/ }).click();
	await expect(failed).toHaveCount(0);
	expect(await focused(page)).not.toBe('body');
});

test('shares one connection between elements, keeps it when they move, and closes it when they leave', async ({
	page,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	const streams: string[] = [];
	page.on('request', (request) => {
		if (request.url().includes('/v1/stream')) streams.push(request.url());
	});
	const body = `<div id="from">${hearts(video)}${reactions(video)}${comments(video)}</div><div id="to"></div>`;
	await site.open(page, gateway.url, { body });
	await expect.poll(() => gateway.viewers(video)).toBe(1);
	await page.evaluate(() =>
		document.getElementById('to')?.append(...(document.getElementById('from')?.children ?? [])),
	);
	await page.getByRole('button', { name: 'Wow' }).click();
	await expect.poll(() => gateway.storedLikes(video).length).toBe(1);
	await page
		.locator('likewire-reactions')
		.evaluate((element, video) => element.setAttribute('video', video), `${video}-2`);
	await expect.poll(() => gateway.viewers(`${video}-2`)).toBe(1);
	await expect(page.getByRole('button', { name: 'Wow' }).locator('[data-value]')).toHaveText('0');
	expect(streams).toHaveLength(1);

	await page.evaluate(() => document.getElementById('to')?.replaceChildren());
	await expect.poll(() => gateway.viewers(video)).toBe(0);
	await expect.poll(() => gateway.viewers(`${video}-2`)).toBe(0);
});

test('takes properties that the page set before the elements were defined, and reflects them', async ({
	page,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	await site.open(page, gateway.url, { body: '<likewire-reactions></likewire-reactions>', script: 'none' });
	await page.locator('likewire-reactions').evaluate((element, video) => {
		Object.assign(element, { video, types: 'wow star', texts: { 'reaction-star': 'Stern' } });
	}, video);
	await defineElements(page, gateway.url);
	const element = page.locator('likewire-reactions');
	await expect(element).toHaveAttribute('video', video);
	await expect(element).toHaveAttribute('types', 'wow star');
	await expect(page.getByRole('button')).toHaveCount(2);
	await expect(page.getByRole('button', { name: 'Stern' })).toBeVisible();
	await page.getByRole('button', { name: 'Wow' }).click();
	await expect.poll(() => gateway.storedLikes(video).length).toBe(1);
});

test('reports a wrong address as an event, and follows the right one', async ({
	page,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	await site.open(page, gateway.url, { body: '<likewire-reactions></likewire-reactions>', script: 'none' });
	const events = await collectEvents(page);
	await page.locator('likewire-reactions').evaluate((element) => element.setAttribute('video', 'no id'));
	await defineElements(page, gateway.url);
	await expect.poll(events).toEqual(['error']);
	await page.locator('likewire-reactions').evaluate((element, video) => element.setAttribute('video', video), video);
	await expect.poll(() => gateway.viewers(video)).toBe(1);
});
