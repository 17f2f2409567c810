import { expect, Player, test } from '../support/test.ts';

test('shows a like of one browser in the other, and both show the totals of the database', async ({
	browser,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const pages = await Promise.all([0, 1].map(async () => (await browser.newContext()).newPage()));
	const [one, other] = pages.map((page) => new Player(page)) as [Player, Player];
	for (const page of pages) await page.goto(`${gateway.url}/?video=${video}`);
	for (const { state } of [one, other]) await expect(state).toHaveAttribute('data-state', 'live');

	await one.button('heart').click();
	await expect(other.count('heart')).toHaveAttribute('data-value', '1');
	await other.button('clap').click();
	await other.button('heart').click();
	for (const { total, count } of [one, other].map((player) => ({
		total: player.total,
		count: (type: string) => player.count(type),
	}))) {
		await expect(total).toHaveAttribute('data-value', '3');
		await expect(count('heart')).toHaveAttribute('data-value', '2');
		await expect(count('clap')).toHaveAttribute('data-value', '1');
	}

	const stored = gateway.storedLikes(video);
	expect(stored.map(({ type }) => type).sort()).toEqual(['clap', 'heart', 'heart']);
	expect(new Set(stored.map(({ user }) => user)).size).toBe(2);
});

test('counts a storm of taps exactly, and never shows a larger total', async ({
	page,
	sharedGateway: gateway,
	ownVideo: video,
}) => {
	const player = new Player(page);
	await page.goto(`${gateway.url}/?video=${video}`);
	await expect(player.state).toHaveAttribute('data-state', 'live');
	// Records every number that the page shows.
	await page.evaluate(() => {
		const shown: number[] = [];
		Object.assign(window, { shown });
		const number = document.querySelector<HTMLElement>('[data-total] [data-value]');
		if (number === null) throw new Error('the page shows no total');
		new MutationObserver(() => shown.push(Number(number.dataset.value))).observe(number, { attributes: true });
	});
	const heart = player.button('heart');
	const others = Array.from({ length: 30 }, () => gateway.like(video, 'wow', 'bob'));
	await heart.evaluate((button: HTMLButtonElement) => {
		for (let tap = 0; tap < 50; tap++) button.click();
	});
	await Promise.all(others);
	await expect(player.total).toHaveAttribute('data-value', '80');
	await expect.poll(() => gateway.storedLikes(video).length).toBe(80);

	const shown = await page.evaluate(() => (window as unknown as { shown: number[] }).shown);
	expect(Math.max(...shown)).toBe(80);
	expect(shown, 'a total that only grows').toEqual([...shown].sort((a, b) => a - b));
});

test('shows the total to a later viewer at once', async ({ page, sharedGateway: gateway, ownVideo: video }) => {
	for (let like = 0; like < 5; like++) await gateway.like(video, 'laugh', `user-${like}`);
	await page.goto(`${gateway.url}/?video=${video}`);
	await expect(new Player(page).count('laugh')).toHaveAttribute('data-value', '5');
});
