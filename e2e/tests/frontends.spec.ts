import type { Page } from '@playwright/test';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import type { LocalCluster } from '../../local-cluster/nodes/local-cluster.ts';
import type { LocalNode } from '../../local-cluster/nodes/local-node.ts';
import { until } from '../../local-cluster/until.ts';
import { auditLikes, readStore } from '../drill/audit/store-audit.ts';
import { LikeLoad } from '../drill/load/like-load.ts';
import { Viewer } from '../drill/viewers/viewer.ts';
import { bringBack, openDemo, QUICK, test } from '../support/cluster-test.ts';
import { newVideo } from '../support/new-video.ts';
import { PlainStream } from '../support/plain-stream.ts';
import { storedLikes } from '../support/stored-likes.ts';
import type { Player } from '../support/test.ts';
import { expect } from '../support/test.ts';

/** Resolves with the only frontend that has a connection. */
async function frontendInUse({ frontends }: LocalCluster) {
	return until(
		async () => {
			const counts = await Promise.all(frontends.map(connectionsOf));
			return counts.reduce((a, b) => a + b) === 1 ? frontends[counts.indexOf(1)] : undefined;
		},
		{ what: 'the only connection' },
	);
}

/** Records every state that a page shows. */
async function recordStates(page: Page): Promise<() => Promise<string[]>> {
	await page.evaluate(() => {
		const states: string[] = [];
		Object.assign(window, { states });
		const shown = document.querySelector<HTMLElement>('p[data-state]');
		if (shown === null) throw new Error('the page shows no state');
		new MutationObserver(() => states.push(shown.dataset.state ?? '')).observe(shown, { attributes: true });
	});
	return () => page.evaluate(() => (window as unknown as { states: string[] }).states);
}

async function tap(player: Player, times: number): Promise<void> {
	for (let count = 0; count < times; count++) await player.button('heart').click();
}

/** Starts viewers and a load of likes of one video through one address. */
function startCrowd(url: string, video: string, viewers: number) {
	const random = Math.random;
	const crowd = Array.from(
		{ length: viewers },
		(_, index) => new Viewer({ name: `viewer-${index}`, videos: [video], urls: [url], home: 0, random }),
	);
	const load = new LikeLoad({ urls: [url], videos: [video], perSecond: 50, random });
	load.start();
	return {
		crowd,
		load,
		/** Stops the load, waits until all viewers show all likes, and compares with the store. */
		async settle(dataDir: string, players: readonly Player[]) {
			load.stop();
			await until(() => load.waiting === 0, { what: 'all likes to be answered' });
			expect(load.refusals).toEqual([]);
			const store = readStore(dataDir, [video]);
			const audit = auditLikes(load.sent, store, 0);
			expect(audit).toMatchObject({
				stored: load.sent.size,
				accepted: load.sent.size,
				lost: 0,
				doubled: 0,
				strangers: 0,
			});
			const totals = store.totals.get(video);
			await expect.poll(() => crowd.map((viewer) => viewer.totals(video))).toEqual(crowd.map(() => totals));
			for (const player of players) await expect(player.total).toHaveAttribute('data-value', String(load.sent.size));
			expect(crowd.flatMap(({ violations }) => violations)).toEqual([]);
		},
		close() {
			load.close();
			for (const viewer of crowd) viewer.close();
		},
	};
}

for (const name of ['HAProxy', 'nginx'] as const) {
	test(`reconnects a page behind ${name} after kill -9 of its frontend, and counts each tap once`, async ({
		browser,
		cluster,
		start,
	}) => {
		const { url } = await start.balancer(name, cluster);
		const video = newVideo();
		const one = await openDemo(browser, url, video);
		const frontend = await frontendInUse(cluster);
		const other = await openDemo(browser, url, video);
		const states = await recordStates(one.page);
		await tap(one.player, 2);
		await expect(other.player.count('heart')).toHaveAttribute('data-value', '2');

		await frontend.kill();
		await tap(one.player, 3);
		await expect.poll(states).toContain('waiting');
		await expect(one.player.state).toHaveAttribute('data-state', 'live');
		await tap(other.player, 1);
		for (const { player } of [one, other]) await expect(player.count('heart')).toHaveAttribute('data-value', '6');
		expect(storedLikes(cluster.node('likes-1').dataDir, video)).toHaveLength(6);
		for (const { page } of [one, other]) await page.context().close();
		await bringBack(cluster);
	});
}

test('connects to the next gateway of a list after kill -9, without a balancer', async ({ page, cluster }) => {
	const [first, second, third] = cluster.frontends as [LocalNode, LocalNode, LocalNode];
	const video = newVideo();
	// This document has no other client.
	await page.goto(`${third.url}/sdk.js`);
	const sdk = await page.evaluateHandle(
		async ({ urls, video }) => {
			const { createClient } = await import(/* @vite-ignore */ `${location.origin}/sdk.js`);
			const live = createClient({ url: urls });
			return { live, followed: live.video(video) };
		},
		{ urls: cluster.frontendUrls, video },
	);
	const state = () => sdk.evaluate(({ live }) => live.state as string);
	const totals = () => sdk.evaluate(({ followed }) => followed.totals as object);
	const like = (times: number) =>
		sdk.evaluate(
			({ followed }, times) => Promise.all(Array.from({ length: times }, () => followed.like('heart'))),
			times,
		);
	await expect.poll(state).toBe('live');
	await like(2);
	expect(await connectionsOf(first)).toBe(1);

	await first.kill();
	// The second frontend answers the likes and the stream.
	await like(3);
	await expect.poll(state).toBe('live');
	expect(await connectionsOf(second)).toBe(1);
	const stream = await PlainStream.open(third.url, video);
	await stream.holds(video, 5);
	stream.close();
	expect(await totals()).toEqual({ heart: 5 });
	expect(storedLikes(cluster.node('likes-1').dataDir, video)).toHaveLength(5);
	await bringBack(cluster);
});

test('moves streams at the end of their lifetime, and delivers every like', async ({ browser, start }) => {
	// The shortest allowed lifetime.
	const cluster = await start.cluster({ flags: [...QUICK, '--max-lifetime-ms', '10000', '--heartbeat-ms', '5000'] });
	const { url } = await start.balancer('HAProxy', cluster);
	const video = newVideo();
	const plain = await PlainStream.open(url, video);
	const { page, player } = await openDemo(browser, url, video);
	const states = await recordStates(page);
	const audience = startCrowd(url, video, 12);

	await plain.until(() => plain.down, 'the end of a lifetime');
	expect(plain.bye, 'the bye before the end').toMatchObject({ reason: 'lifetime' });
	const moves = async () => (await states()).filter((state) => state === 'live').length;
	await expect.poll(moves).toBeGreaterThanOrEqual(2);
	await until(() => audience.crowd.every(({ falls }) => falls >= 2), { what: 'all to move twice' });
	await audience.settle(cluster.node('likes-1').dataDir, [player]);
	audience.close();
	await page.context().close();
});

test('delivers every like while frontends restart one after another', async ({ browser, cluster, start }) => {
	const { url } = await start.balancer('HAProxy', cluster);
	const video = newVideo();
	const { page, player } = await openDemo(browser, url, video);
	const audience = startCrowd(url, video, 12);
	for (const frontend of cluster.frontends) {
		const direct = await PlainStream.open(frontend.url, video);
		await frontend.restart();
		expect(frontend.exit, 'it runs').toBeUndefined();
		await direct.until(() => direct.down, 'the end of the stream');
		expect(direct.bye, 'the bye before the end').toMatchObject({ reason: 'shutdown' });
		await cluster.converged();
	}
	await expect(player.state).toHaveAttribute('data-state', 'live');
	await audience.settle(cluster.node('likes-1').dataDir, [player]);
	audience.close();
	await page.context().close();
});
