import type { Page } from '@playwright/test';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import type { LocalNode } from '../../local-cluster/nodes/local-node.ts';
import { until } from '../../local-cluster/until.ts';
import { readStore } from '../drill/audit/store-audit.ts';
import { CommentLoad } from '../drill/load/comment-load.ts';
import { Scripts } from '../drill/viewers/comment-audit.ts';
import { Viewer } from '../drill/viewers/viewer.ts';
import { bringBack, newVideo, test } from '../support/cluster-test.ts';
import { expect } from '../support/test.ts';

const COMMENTS = 5_000;

/** Comments that are sent right before a frontend is killed, and as many right after. */
const AROUND_THE_KILL = 250;

/** What the SDK tells a page of comments of a video, in the order in which it does. */
async function listen(page: Page, urls: readonly string[], video: string) {
	const told = await page.evaluateHandle(
		async ({ urls, video }) => {
			const { createClient } = await import(/* @vite-ignore */ `${location.origin}/sdk.js`);
			const followed = createClient({ url: urls }).video(video);
			const told = { comments: [] as string[], gaps: [] as string[] };
			followed.on('comment', ({ id }: { id: string }) => told.comments.push(id));
			followed.on('gap', ({ reason }: { reason: string }) => told.gaps.push(reason));
			return told;
		},
		{ urls, video },
	);
	return {
		count: () => told.evaluate(({ comments }) => comments.length),
		told: () => told.jsonValue(),
	};
}

test('5,000 comments come complete and in order, to a browser and to programs, across kill -9 of a frontend', async ({
	page,
	cluster,
}) => {
	const [first, , third] = cluster.frontends as [LocalNode, LocalNode, LocalNode];
	const video = newVideo();
	const random = Math.random;
	const urls = cluster.frontendUrls;
	const viewers = Array.from(
		{ length: 12 },
		(_, index) => new Viewer({ name: `viewer-${index}`, videos: [video], urls, home: index % urls.length, random }),
	);
	const load = new CommentLoad({ urls, videos: [video], perSecond: 500, random }, 0);
	// A document that runs no client of its own.
	await page.goto(`${third.url}/sdk.js`);
	const browser = await listen(page, urls, video);
	const atFirst = viewers.length / urls.length + 1;
	await expect.poll(() => connectionsOf(first)).toBe(atFirst);
	await until(() => viewers.every(({ live }) => live), { what: 'streams' });
	// Whoever was told a comment can say where to resume.
	await load.say(video);
	await until(() => viewers.every(({ told }) => told.size > 0), { what: 'the first comment' });
	await expect.poll(browser.count).toBe(1);

	load.start();
	await until(() => load.sent.size > COMMENTS / 3, { what: 'a third of the comments' });
	load.stop();
	await until(() => load.waiting === 0, { what: 'a third of the comments to be answered' });
	await expect.poll(browser.count).toBe(load.sent.size);
	// However slow the machine is, a viewer that is away misses fewer comments than the 1,000 that it may resume behind.
	for (let count = 0; count < AROUND_THE_KILL; count++) void load.give(video);
	const killed = first.kill();
	for (let count = 0; count < AROUND_THE_KILL; count++) void load.give(video);
	await killed;
	await until(() => viewers.filter(({ falls }) => falls > 0).length === atFirst - 1, { what: 'viewers to fall' });
	await until(() => viewers.every(({ live }) => live), { what: 'streams after the kill' });
	load.start();
	await until(() => load.sent.size >= COMMENTS, { what: 'all comments' });
	load.stop();
	await until(() => load.waiting === 0, { what: 'all comments to be answered' });
	expect(load.refusals).toEqual([]);

	const { logs } = readStore(cluster.node('likes-1').dataDir, [video]);
	const written = logs
		.get(video)
		?.flat()
		.map(({ comment }) => comment);
	expect(written).toHaveLength(load.sent.size);
	expect(new Set(written)).toEqual(new Set(load.sent.keys()));
	await expect.poll(browser.count).toBe(load.sent.size);
	expect(await browser.told()).toEqual({ comments: written, gaps: [] });
	const scripts = new Scripts(logs, new Map());
	await expect.poll(() => scripts.compareAll(viewers).missing).toBe(0);
	expect(scripts.compareAll(viewers)).toEqual({ missing: 0, doubled: 0, disordered: 0, strangers: 0, gaps: {} });
	expect(viewers.flatMap(({ violations }) => violations)).toEqual([]);
	expect(viewers.filter(({ falls }) => falls > 0).length, 'viewers who lost their stream').toBe(atFirst - 1);

	load.close();
	for (const viewer of viewers) viewer.close();
	await bringBack(cluster);
});
