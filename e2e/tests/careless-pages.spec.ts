import { paths } from '@likewire/protocol';
import type { Page } from '@playwright/test';
import { expect, stateOf, test } from '../support/site.ts';
import type { SiteWindow } from '../support/site-server.ts';

/** Errors of a page that its scripts did not catch. */
interface Uncaught {
	readonly errors: string[];
	/** The reasons of its `unhandledrejection` events. */
	rejections(): Promise<string[]>;
}

async function watchUncaught(page: Page): Promise<Uncaught> {
	const errors: string[] = [];
	page.on('pageerror', ({ message }) => errors.push(message));
	await page.addInitScript(() => {
		const rejections: string[] = [];
		Object.assign(window, { rejections });
		addEventListener('unhandledrejection', ({ reason }) => rejections.push(String(reason?.code ?? reason?.message)));
	});
	return {
		errors,
		rejections: () => page.evaluate(() => (window as unknown as { rejections: string[] }).rejections),
	};
}

/** Expects no uncaught error before one that it causes itself: browsers report errors in order. */
async function expectNoneBefore(page: Page, { errors, rejections }: Uncaught): Promise<void> {
	await page.evaluate(() => void Promise.reject(new Error('of the page')));
	await expect.poll(rejections).toContain('of the page');
	expect(await rejections()).toEqual(['of the page']);
	await expect.poll(() => errors).toContain('of the page');
	expect(errors).toEqual(['of the page']);
}

/** Sends writes that the client or the gateway refuses, and ignores their answers. */
function writeCarelessly(page: Page): Promise<void> {
	return page.evaluate(() => {
		const { live, video } = window as unknown as SiteWindow;
		const conversation = live.conversation('c1');
		video.like();
		video.like('unknown');
		video.like('no reaction');
		video.comment('');
		video.comment('hello');
		video.deleteComment('no id');
		video.deleteComment(crypto.randomUUID());
		video.likeComment('no id');
		video.likeComment(crypto.randomUUID());
		conversation.read('m1');
		conversation.typing();
	});
}

/** Writes with a handle of a closed client. */
function writeAfterClose(page: Page): Promise<void> {
	return page.evaluate(() => {
		const { video } = window as unknown as SiteWindow;
		video.like();
		video.comment('hello');
	});
}

test('causes no unhandled rejection in a page that catches nothing when the gateway refuses', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	const uncaught = await watchUncaught(visitor);
	await visitor.goto(site.page(gateway.url, video, 'ann'));
	await expect.poll(() => stateOf(visitor)).toBe('live');
	const refused: string[] = [];
	visitor.on('response', (response) => {
		const path = new URL(response.url()).pathname.replace(/\/[0-9a-f-]{36}/, '/{id}');
		if (response.status() >= 400) refused.push(`${response.request().method()} ${path}`);
	});
	await writeCarelessly(visitor);
	const comments = paths.comments(video);
	await expect
		.poll(() => refused)
		.toEqual(expect.arrayContaining([`DELETE ${comments}/{id}`, `POST ${comments}/{id}/likes`]));
	// The totals no longer include the refused tap.
	await expect.poll(() => visitor.evaluate(() => (window as unknown as SiteWindow).video.totals)).toEqual({ heart: 1 });
	await expectNoneBefore(visitor, uncaught);
	expect(await stateOf(visitor)).toBe('live');
});

test('causes no unhandled rejection in a page that catches nothing when the gateway is down and the client closed', async ({
	visitor,
	site,
}) => {
	const uncaught = await watchUncaught(visitor);
	// No process listens on this port.
	await visitor.goto(site.page('http://127.0.0.1:2', 'v1', 'ann'));
	await writeCarelessly(visitor);
	await expect.poll(() => stateOf(visitor)).toBe('waiting');
	await visitor.evaluate(() => (window as unknown as SiteWindow).live.close());
	await writeAfterClose(visitor);
	await expectNoneBefore(visitor, uncaught);
});

test('reports the error of a throwing listener once as an error of the page, and calls the other listeners', async ({
	visitor,
	sharedGateway: gateway,
	ownVideo: video,
	site,
}) => {
	const { errors, rejections } = await watchUncaught(visitor);
	await visitor.goto(site.page(gateway.url, video, 'ann'));
	await expect.poll(() => stateOf(visitor)).toBe('live');
	await expect.poll(() => gateway.viewers(video)).toBe(1);
	const shown = await visitor.evaluateHandle(() => {
		const { live, video } = window as unknown as SiteWindow;
		const shown: unknown[] = [];
		video.on('totals', () => {
			throw new Error('of a listener of totals');
		});
		live.on('state', () => {
			throw new Error('of a listener of states');
		});
		video.on('totals', ({ heart }) => shown.push(heart));
		live.on('state', (state) => shown.push(state));
		return shown;
	});
	await gateway.like(video, 'heart', 'bob');
	await expect.poll(() => shown.jsonValue()).toEqual([1]);
	await visitor.evaluate(() => (window as unknown as SiteWindow).video.like());
	await expect.poll(() => shown.jsonValue()).toEqual([1, 2]);
	await visitor.evaluate(() => (window as unknown as SiteWindow).live.close());
	await expect.poll(() => shown.jsonValue()).toEqual([1, 2, 'closed']);
	const expected = ['of a listener of totals', 'of a listener of totals', 'of a listener of states'];
	await expect.poll(() => errors).toEqual(expected);
	expect(await rejections()).toEqual([]);
});
