import type { TestGateway } from '../support/gateway.ts';
import { expect, Player, test } from '../support/test.ts';

/** Sends likes from several clients until `stop`, and records the accepted ones. */
function startLoad(gateway: TestGateway, video: string): { readonly accepted: string[]; stop(): Promise<void> } {
	const accepted: string[] = [];
	let running = true;
	async function liker(): Promise<void> {
		while (running) {
			try {
				accepted.push(await gateway.like(video, 'clap', 'load'));
			} catch {
				// The gateway is down. A like without an answer may be stored or not.
				await new Promise((resolve) => setImmediate(resolve));
			}
		}
	}
	const likers = Array.from({ length: 8 }, liker);
	return {
		accepted,
		async stop() {
			running = false;
			await Promise.all(likers);
		},
	};
}

test('sends every browser a time to reconnect when the gateway stops', async ({ page, gateway }) => {
	await page.goto(gateway.url);
	await page.evaluate(async () => {
		const goodbyes: number[] = [];
		const streams = Array.from({ length: 4 }, () => new EventSource('/v1/stream?video=stop'));
		const opened = streams.map((stream) => new Promise((resolve) => stream.addEventListener('hello', resolve)));
		for (const stream of streams) {
			stream.addEventListener('bye', ({ data }) => {
				goodbyes.push(JSON.parse(data).retryMs);
				stream.close();
			});
		}
		Object.assign(window, { goodbyes });
		await Promise.all(opened);
	});
	await gateway.stop();
	const goodbyes = () => page.evaluate(() => (window as unknown as { goodbyes: number[] }).goodbyes);
	await expect.poll(async () => (await goodbyes()).length).toBe(4);
	expect(new Set(await goodbyes()).size, 'each has its own time').toBeGreaterThan(1);
	await gateway.start();
	await expect(new Player(page).state).toHaveAttribute('data-state', 'live');
});

test('reconnects both browsers after kill -9 under load, and counts every like once', async ({ browser, gateway }) => {
	const video = 'crash';
	const pages = await Promise.all([0, 1].map(async () => (await browser.newContext()).newPage()));
	const players = pages.map((page) => new Player(page)) as [Player, Player];
	const [tapping] = players;
	for (const page of pages) await page.goto(`${gateway.url}/?video=${video}`);
	for (const { state } of players) await expect(state).toHaveAttribute('data-state', 'live');
	await tapping.button('heart').click();
	await tapping.button('heart').click();
	await expect(players[1].count('heart')).toHaveAttribute('data-value', '2');

	const load = startLoad(gateway, video);
	await expect.poll(() => load.accepted.length).toBeGreaterThan(200);
	await gateway.kill();
	for (const { state } of players) await expect(state).not.toHaveAttribute('data-state', 'live');
	for (let tap = 0; tap < 3; tap++) await tapping.button('heart').click();
	await expect(tapping.count('heart')).toHaveAttribute('data-value', '5');
	const beforeRestart = load.accepted.length;

	await gateway.start();
	for (const { state } of players) await expect(state).toHaveAttribute('data-state', 'live');
	await expect.poll(() => load.accepted.length).toBeGreaterThan(beforeRestart + 200);
	await load.stop();
	for (const player of players) await expect(player.count('heart')).toHaveAttribute('data-value', '5');

	const stored = gateway.storedLikes(video);
	const ids = new Set(stored.map(({ id }) => id));
	expect(load.accepted.filter((id) => !ids.has(id))).toEqual([]);
	expect(stored.filter(({ type }) => type === 'heart')).toHaveLength(5);
	for (const player of players) await expect(player.total).toHaveAttribute('data-value', String(stored.length));
});
