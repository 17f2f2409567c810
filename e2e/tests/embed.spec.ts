import { paths } from '@likewire/protocol';
import type { Frame, Page } from '@playwright/test';
import { SignJWT } from 'jose';
import { expectAccessible } from '../support/axe.ts';
import { type EmbedEvent, FramingSite } from '../support/framing-site.ts';
import { TestGateway } from '../support/gateway.ts';
import { expect, test } from '../support/test.ts';

const SECRET = 'a secret of thirty-two characters';

function sign(user: string): Promise<string> {
	const token = new SignJWT().setProtectedHeader({ alg: 'HS256' }).setSubject(user).setExpirationTime('1h');
	return token.sign(new TextEncoder().encode(SECRET));
}

/** Returns the address of the demo's clip. */
async function clipOf(gateway: TestGateway): Promise<string> {
	const page = await (await fetch(gateway.url)).text();
	return /\/assets\/stage-[\w-]+\.webm/.exec(page)?.[0] ?? '';
}

interface FramingWindow {
	events: EmbedEvent[];
	command(command: object): void;
}

const command = (page: Page | Frame, what: object) =>
	page.evaluate((what) => (window as unknown as FramingWindow).command(what), what);

/** Returns the details of the events of a name so far. */
const details = (page: Page, name: string) =>
	page.evaluate(
		(name) =>
			(window as unknown as FramingWindow).events.filter(({ event }) => event === name).map(({ detail }) => detail),
		name,
	);

const newest = async (page: Page, name: string) => (await details(page, name)).at(-1);

test('lets a page of an allowed origin, and no other, frame it and exchange messages with it', async ({ page }) => {
	const site = await FramingSite.start();
	const ancestor = `http://localhost:${site.port}`;
	const gateway = await TestGateway.create({ LIKEWIRE_JWT_SECRET: SECRET, LIKEWIRE_FRAME_ANCESTORS: ancestor });
	try {
		await gateway.start();
		const embed = `${gateway.url}/embed/show?src=${await clipOf(gateway)}&autoplay&loop`;
		const problems: string[] = [];
		page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
		await site.open(page, 'localhost', embed);

		// It starts by itself, without sound; without a token it follows no video.
		await expect.poll(() => newest(page, 'time')).toMatchObject({ paused: false, muted: true });
		expect((await details(page, 'ready'))[0]).toMatchObject({ video: 'show', media: true });
		await expect.poll(() => newest(page, 'state')).toEqual({ state: 'closed' });
		expect(await newest(page, 'error')).toMatchObject({ code: 'unauthorized' });
		await command(page, { do: 'hello', token: await sign('ann') });
		await expect.poll(() => newest(page, 'state')).toEqual({ state: 'live' });

		await command(page, { do: 'like', type: 'clap' });
		await expect.poll(() => newest(page, 'like')).toMatchObject({ type: 'clap' });
		await fetch(gateway.url + paths.likes('show'), {
			method: 'POST',
			headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await sign('bob')}` },
			body: JSON.stringify({ type: 'wow' }),
		});
		await expect.poll(() => newest(page, 'totals')).toEqual({ totals: { clap: 1, wow: 1 } });

		await command(page, { do: 'pause' });
		await expect.poll(() => newest(page, 'pause')).toMatchObject({ paused: true });
		await command(page, { do: 'seek', to: 2 });
		await expect.poll(() => newest(page, 'time')).toMatchObject({ time: 2, paused: true });
		await command(page, { do: 'play' });
		await expect.poll(async () => Number((await newest(page, 'time'))?.time)).toBeGreaterThan(2);

		// Neither another frame of the page nor what is no message of the protocol has an effect.
		const sibling = page.frames().find((frame) => frame.url().endsWith('/sibling')) as Frame;
		await command(sibling, { do: 'like', type: 'laugh' });
		await command(page, { likewire: 2, do: 'like', type: 'laugh' });
		await command(page, { do: 'like', type: 'Laugh' });
		await expect.poll(() => newest(page, 'error')).toMatchObject({ code: 'invalid_message' });

		const heart = page.frameLocator('iframe >> nth=0').getByRole('button', { name: 'Heart' });
		await heart.focus();
		await page.keyboard.press('Enter');
		await expect(heart).toBeFocused();
		await expect.poll(() => newest(page, 'totals')).toEqual({ totals: { clap: 1, wow: 1, heart: 1 } });
		expect(gateway.storedLikes('show').map(({ user }) => user)).toEqual(['ann', 'bob', 'ann']);
		expect(problems.filter((text) => !text.includes('401'))).toEqual([]);

		const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
		await site.open(page, '127.0.0.1', embed);
		await refused;
		await command(page, { do: 'hello' }).catch(() => undefined);
		expect(await page.evaluate(() => (window as unknown as FramingWindow).events)).toEqual([]);
	} finally {
		site.close();
		await gateway.dispose();
	}
});

for (const colorScheme of ['light', 'dark'] as const) {
	test(`is accessible at 360, 768 and 1440 pixels, by the keyboard and after the end, ${colorScheme}`, async ({
		browser,
		gateway,
	}) => {
		const page = await (await browser.newContext({ colorScheme, reducedMotion: 'reduce' })).newPage();
		const requests = new Set<string>();
		page.on('request', (request) => requests.add(new URL(request.url()).origin));
		const problems: string[] = [];
		page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
		await page.goto(`${gateway.url}/embed/show?src=${await clipOf(gateway)}&autoplay&types=heart+wow&comments`);
		await expect(page.locator('main')).toHaveAttribute('data-state', 'live');
		await expect(page.getByText('No comments yet.')).toBeVisible();
		for (const width of [360, 768, 1440]) {
			await page.setViewportSize({ width, height: Math.round((width * 9) / 16) });
			await expectAccessible(page);
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
		}
		const media = page.locator('video');
		const state = () => media.evaluate((video: HTMLVideoElement) => [video.readyState > 2, video.paused]);
		await expect.poll(state).toEqual([true, true]);

		const wow = page.getByRole('button', { name: 'Wow' });
		const isFocused = () => wow.evaluate((button) => button.matches(':focus-visible'));
		for (let presses = 0; presses < 20 && !(await isFocused()); presses++) await page.keyboard.press('Tab');
		await page.keyboard.press('Enter');
		await expect(wow).toHaveText(/1$/);
		// The page shows a tap before the gateway has counted it, and an ended video refuses it.
		const counted = async () => (await (await fetch(`${gateway.url}${paths.video('show')}`)).json()).totals;
		await expect.poll(counted).toEqual({ wow: 1 });
		expect((await fetch(`${gateway.url}${paths.video('show')}/end`, { method: 'POST' })).status).toBe(202);
		await expect(wow).toHaveAttribute('aria-disabled', 'true');
		await expect(wow).toBeFocused();
		await expectAccessible(page);
		expect([...requests]).toEqual([gateway.url]);
		expect(problems).toEqual([]);

		const src = encodeURIComponent('javascript:alert("<b>")');
		await page.goto(`${gateway.url}/embed/show?src=${src}&poster=${await clipOf(gateway)}`);
		await expect(page.getByRole('alert')).toHaveText(
			"The address in 'src' is refused: it is neither https: nor of this site.",
		);
		await expect(media).not.toHaveAttribute('controls');
		await expectAccessible(page);
	});
}
