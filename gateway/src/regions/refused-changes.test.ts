import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Roles, startCluster, type TestCluster, type TestNode } from '../../test/cluster.ts';
import { EventStream } from '../../test/event-stream.ts';
import { newVideo, totalsOf } from '../../test/http-client.ts';
import { callAsRegion, relayOf, rowsOf } from '../../test/other-region.ts';
import { regionPaths } from './region-calls.ts';

/** A page of changes in the region `us`; undefined for a failure. */
type Page = { readonly rows: object; readonly epoch: number; readonly more?: boolean } | undefined;

/**
 * Starts a node of `eu`, and a fake region `us` that answers with these pages.
 *
 * It repeats the last one.
 */
async function besideUs(...pages: Page[]): Promise<TestNode> {
	return (await clusterBesideUs({ 'eu-1': 'likes,dispatcher,frontend' }, pages)).node('eu-1');
}

/**
 * Starts a cluster of `eu` with the same fake region.
 *
 * `asked` is called with the name of each node that syncs.
 */
async function clusterBesideUs(roles: Roles, pages: Page[], asked?: (node: string) => void): Promise<TestCluster> {
	const us = createServer((request, response) => {
		request.resume().on('end', () => {
			response.setHeader('x-likewire-region', 'us');
			if (request.url !== regionPaths.changes) return response.writeHead(204).end();
			asked?.(String(request.headers['x-likewire-node']));
			const page = pages.length > 1 ? pages.shift() : pages[0];
			if (page === undefined) return response.writeHead(503).end();
			const { epoch, more = false } = page;
			return response.end(JSON.stringify({ rows: page.rows, values: {}, next: { epoch, at: 'here' }, more }));
		});
	});
	onTestFinished(() => {
		us.closeAllConnections();
		us.close();
	});
	await new Promise<void>((resolve) => us.listen(0, '127.0.0.1', resolve));
	const regions = `us=127.0.0.1:${(us.address() as AddressInfo).port}`;
	return startCluster(roles, { windowMs: '5', region: 'eu', regions });
}

const rows = (video: string, hearts: number, epoch: number) => ({ [`video:${video}`]: rowsOf('us', hearts, epoch) });

async function expectRefused(node: TestNode, detail: RegExp): Promise<void> {
	const line = { region: 'us', reason: 'peer_epoch', detail: expect.stringMatching(detail) };
	await expect.poll(() => node.log).toContainEqual(expect.objectContaining(line));
}

describe('a sync with another region', () => {
	it('refuses an epoch of the future, also without rows, and takes changes after its clock is set', async () => {
		const video = newVideo();
		const tomorrow = Date.now() + 86_400_000;
		const eu = await besideUs({ rows: {}, epoch: tomorrow }, { rows: rows(video, 3, 5), epoch: 5 });
		await expectRefused(eu, /in the future/);
		expect((await eu.report()).refused).toEqual({ peer_epoch: 1 });
		await expect.poll(() => totalsOf(eu, video)).toEqual({ heart: 3 });
	});

	it('refuses an epoch before the known epoch, and logs the remedy', async () => {
		const video = newVideo();
		const eu = await besideUs({ rows: rows(video, 3, 7), epoch: 7, more: true }, { rows: rows(video, 9, 6), epoch: 6 });
		await expectRefused(eu, /store restored/);
		expect(await totalsOf(eu, video)).toEqual({ heart: 3 });
	});

	it('makes viewers drop state of an older epoch, also after an interruption', async () => {
		const video = newVideo();
		const eu = await besideUs(
			{ rows: {}, epoch: 1 },
			{ rows: rows(newVideo(), 1, 2), epoch: 2, more: true },
			undefined,
			{ rows: {}, epoch: 2 },
		);
		const stream = await EventStream.open(eu, video);
		await callAsRegion(eu, regionPaths.relay, relayOf(video, rowsOf('us', 5)));
		await stream.holds(video, 5);
		await expect.poll(() => totalsOf(eu, video)).toEqual({ heart: 5 });
		await callAsRegion(eu, regionPaths.relay, { greeting: true, updates: [] });
		await stream.holds(video, 0);
		expect(await totalsOf(eu, video)).toEqual({});
	});

	it('makes all dispatchers drop state of an older epoch, also of videos that no page names', async () => {
		const roles = {
			'likes-1': 'likes',
			'dispatcher-1': 'dispatcher',
			'dispatcher-2': 'dispatcher',
			'all-1': 'frontend',
		};
		const pages: Page[] = [{ rows: {}, epoch: 1 }];
		const asked: string[] = [];
		const eu = await clusterBesideUs(roles, pages, (node) => asked.push(node));
		const [asking, other] = [eu.node('dispatcher-1'), eu.node('dispatcher-2')];
		const greet = (node: TestNode) => callAsRegion(node, regionPaths.relay, { greeting: true, updates: [] });
		for (const node of [asking, other]) {
			asked.length = 0;
			await greet(node);
			await expect.poll(() => asked.filter((name) => name === node.name).length).toBeGreaterThan(1);
		}
		// Several videos, so that each dispatcher owns some of them.
		const videos = Array.from({ length: 8 }, newVideo);
		const stream = await EventStream.open(eu.node('all-1'), videos);
		for (const video of videos) await callAsRegion(asking, regionPaths.relay, relayOf(video, rowsOf('us', 5)));
		for (const video of videos) await stream.holds(video, 5);
		for (const video of videos) await expect.poll(() => totalsOf(other, video)).toEqual({ heart: 5 });
		pages[0] = { rows: {}, epoch: 2 };
		await greet(asking);
		for (const video of videos) await stream.holds(video, 0);
	});

	it('starts when a relay has a new epoch', async () => {
		const [named, unnamed] = [newVideo(), newVideo()];
		const pages: Page[] = [{ rows: {}, epoch: 1 }];
		const cluster = await clusterBesideUs({ 'eu-1': 'likes,dispatcher,frontend' }, pages);
		const eu = cluster.node('eu-1');
		const stream = await EventStream.open(eu, [named, unnamed]);
		for (const video of [named, unnamed]) await callAsRegion(eu, regionPaths.relay, relayOf(video, rowsOf('us', 5)));
		for (const video of [named, unnamed]) await expect.poll(() => totalsOf(eu, video)).toEqual({ heart: 5 });
		await stream.holds(unnamed, 5);
		pages[0] = { rows: {}, epoch: 2 };
		await callAsRegion(eu, regionPaths.relay, relayOf(named, rowsOf('us', 3, 2)));
		await stream.holds(named, 3);
		await stream.holds(unnamed, 0);
	});
});
