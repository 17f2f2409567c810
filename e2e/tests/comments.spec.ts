import type { Page } from '@playwright/test';
import { connectionsOf } from '../../local-cluster/nodes/cluster-report.ts';
import type { LocalNode } from '../../local-cluster/nodes/local-node.ts';
import { until } from '../../local-cluster/until.ts';
import { readStore } from '../drill/audit/store-audit.ts';
import { CommentLoad } from '../drill/load/comment-load.ts';
import { ExpectedLogs } from '../drill/viewers/comment-audit.ts';
import { Viewer } from '../drill/viewers/viewer.ts';
import { bringBack, test } from '../support/cluster-test.ts';
import { newVideo } from '../support/new-video.ts';
import { expect } from '../support/test.ts';

const COMMENTS = 5_000;

/** The number of comments right before the kill of a frontend, and again right after it. */
const AROUND_THE_KILL = 250;

/** Records the comment and gap events of a video in a page, in their order. */
async function listen(page: Page, urls: readonly string[], video: string) {
	const received = await page.evaluateHandle(
		async ({ urls, video }) => {
			const { createClient } = await import(/* @vite-ignore */ `${location.origin}/sdk.js`);
			const followed = createClient({ url: urls }).video(video);
			const received = { comments: [] as string[], gaps: [] as string[] };
			followed.on('comment', ({ id }: { id: string }) => received.comments.push(id));
			followed.on('gap', ({ reason }: { reason: string }) => received.gaps.push(reason));
			return received;
		},
		{ urls, video },
	);
	return {
		count: () => received.evaluate(({ comments }) => comments.length),
		received: () => received.jsonValue(),
	};
}

test('delivers 5,000 comments to a browser and to programs, complete and in order, across kill -9 of a frontend', async ({
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
	// This document has no other client.
	await page.goto(`${third.url}/sdk.js`);
	const browser = await listen(page, urls, video);
	const atFirst = viewers.length / urls.length + 1;
	await expect.poll(() => connectionsOf(first)).toBe(atFirst);
	await until(() => viewers.every(({ live }) => live), { what: 'streams' });
	// A viewer needs a first comment to have a cursor.
	await load.writeOne(video);
	await until(() => viewers.every(({ received }) => received.size > 0), { what: 'the first comment' });
	await expect.poll(browser.count).toBe(1);

	load.start();
	await until(() => load.sent.size > COMMENTS / 3, { what: 'a third of the comments' });
	load.stop();
	await until(() => load.waiting === 0, { what: 'a third of the comments to be answered' });
	await expect.poll(browser.count).toBe(load.sent.size);
	// The number of comments around the kill is fixed, so a disconnected viewer never misses more than the 1,000 of a resume.
	for (let count = 0; count < AROUND_THE_KILL; count++) void load.sendOne(video);
	const killed = first.kill();
	for (let count = 0; count < AROUND_THE_KILL; count++) void load.sendOne(video);
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
	expect(await browser.received()).toEqual({ comments: written, gaps: [] });
	const expected = new ExpectedLogs(logs, new Map());
	await expect.poll(() => expected.compareAll(viewers).missing).toBe(0);
	expect(expected.compareAll(viewers)).toEqual({ missing: 0, doubled: 0, disordered: 0, strangers: 0, gaps: {} });
	expect(viewers.flatMap(({ violations }) => violations)).toEqual([]);
	expect(viewers.filter(({ falls }) => falls > 0).length, 'viewers that lost their stream').toBe(atFirst - 1);

	load.close();
	for (const viewer of viewers) viewer.close();
	await bringBack(cluster);
});
