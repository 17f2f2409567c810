import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway, startGateway, type TestGateway } from '../../test/gateway.ts';
import { newVideo } from '../../test/http-client.ts';
import { SocketViewer } from '../../test/socket-viewer.ts';
import { testDirectory } from '../../test/temporary-directory.ts';
import { ask, memberReport, openOnBoth, poll, workerIn, workerPids } from '../../test/worker-viewers.ts';

const FLAGS = { workers: '2', windowMs: '5', drainMs: '0', presenceMs: '1000', presenceGraceMs: '300' };

const node = shareGateway(FLAGS);

/** Waits until the node returns this number of viewers. */
async function expectViewers(gateway: TestGateway, video: string, count: number): Promise<void> {
	const viewers = async () => JSON.parse((await ask(gateway.url + paths.video(video))).text).viewers;
	await expect.poll(viewers).toBe(count);
}

describe('a node with two workers', () => {
	it('sends each like to streams and sockets of both workers, whichever worker takes it', async () => {
		const gateway = node();
		const video = newVideo();
		const streams = await openOnBoth(() => EventStream.open(gateway, video));
		const sockets = await openOnBoth(() => SocketViewer.open(gateway, `video=${video}`));
		const liked = await Promise.all(
			Array.from({ length: 40 }, () => ask(gateway.url + paths.likes(video), { method: 'POST', body: {} })),
		);
		expect(liked.map(({ status }) => status)).toEqual(liked.map(() => 201));
		for (const socket of sockets.all) expect(await socket.request({ op: 'like', video })).toHaveProperty('totals');
		const likes = [{ id: randomUUID() }, { id: randomUUID() }];
		const batch = await ask(gateway.url + paths.likes(video), { method: 'POST', body: { likes } });
		expect([batch.status, JSON.parse(batch.text).likes.length]).toEqual([200, 2]);
		const count = 42 + sockets.all.length;
		for (const viewer of [...streams.all, ...sockets.all]) await viewer.holds(video, count);
	});

	it('counts the viewers of both workers, and each viewer that polls once', async () => {
		const gateway = node();
		const video = newVideo();
		const { all } = await openOnBoth(() => EventStream.open(gateway, video), 2);
		await expectViewers(gateway, video, all.length);
		const id = randomUUID();
		for (let index = 0; index < 8; index++) await poll(gateway, video, id);
		await expectViewers(gateway, video, all.length + 1);
		await expect.poll(async () => (await memberReport(gateway)).connections).toBe(all.length);
		await all[0]?.event('viewers', (data) => data.count === all.length + 1);
		all[0]?.close();
		all[1]?.close();
		await expectViewers(gateway, video, all.length - 1);
		const late = await EventStream.open(gateway, video);
		await late.event('viewers', (data) => data.count === all.length);
	});

	it('changes and ends a connection at any worker', async () => {
		const gateway = node();
		const [video, other] = [newVideo(), newVideo()];
		const stream = await EventStream.open(gateway, video, { user: 'ann' });
		const { connection } = await stream.hello();
		const url = gateway.url + paths.subscriptions(connection);
		for (let index = 0; index < 8; index++) {
			const { status, text } = await ask(url, { method: 'POST', body: { add: { videos: [other] } } });
			expect([status, JSON.parse(text).videos]).toEqual([200, [video, other]]);
		}
		await ask(gateway.url + paths.likes(other), { method: 'POST', body: {} });
		await stream.holds(other, 1);
		const strange = gateway.url + paths.subscriptions('node-1.1~AAAAAAAAAAAAAAAAAAAAAA');
		for (let index = 0; index < 4; index++) {
			expect((await ask(strange, { method: 'POST', body: {} })).status).toBe(404);
			expect((await ask(url, { method: 'POST', body: {}, user: 'bob' })).status).toBe(404);
		}
		expect((await ask(`${gateway.url}/v1/connections/${connection}`, { method: 'DELETE' })).status).toBe(204);
		await stream.event('bye', ({ reason }) => reason === 'closed');
	});

	it('sends comments, typing and presence to both workers, and serves the history', async () => {
		const gateway = node();
		const video = newVideo();
		const query = `video=${video}&conversation=c1&presence=ann`;
		const { all } = await openOnBoth(() => EventStream.openQuery(gateway, query));
		const ann = await EventStream.open(gateway, newVideo(), { user: 'ann' });
		for (const stream of all) {
			await stream.event('presence', ({ online }) => online);
			// Before it, a comment may come earlier than the place in the log where the stream begins.
			await stream.event('cursor', ({ topic }) => topic === `video:${video}`);
		}
		const comments = gateway.url + paths.comments(video);
		for (let index = 0; index < 6; index++) {
			expect((await ask(comments, { method: 'POST', body: { text: `number ${index}` } })).status).toBe(201);
		}
		const texts = (stream: EventStream) =>
			stream.events.flatMap((event) => (event.name === 'comment' ? [event.data.text] : []));
		for (const stream of all) {
			await stream.until(() => texts(stream).length === 6);
			expect(texts(stream)).toEqual(texts(stream).map((_, index) => `number ${index}`));
		}
		const { text } = await ask(comments);
		expect(JSON.parse(text).comments).toHaveLength(6);
		const typing = `${gateway.url}/v1/conversations/c1/typing`;
		const isTyping = (stream: EventStream) => stream.events.some(({ name }) => name === 'typing');
		// Clients repeat it: a busy frontend leaves it out.
		await expect
			.poll(async () => {
				expect((await ask(typing, { method: 'POST', body: { typing: true } })).status).toBe(202);
				return all.every(isTyping);
			})
			.toBe(true);
		ann.close();
		for (const stream of all) await stream.event('presence', ({ online }) => !online);
	});

	it('serves pages, preflights and unknown paths at both workers', async () => {
		const staticDir = testDirectory();
		writeFileSync(join(staticDir, 'index.html'), '<title>Live</title>');
		const gateway = await startGateway({ ...FLAGS, staticDir });
		await openOnBoth(async () => {
			expect(await ask(gateway.url)).toEqual({ status: 200, text: '<title>Live</title>' });
			expect((await ask(gateway.url + paths.likes('v'), { method: 'OPTIONS' })).status).toBe(204);
			expect((await ask(`${gateway.url}/v1/nothing`)).status).toBe(404);
			return EventStream.open(gateway, newVideo());
		}, 3);
	});

	it('resumes a log by its cursor at the other worker', async () => {
		const gateway = node();
		const video = newVideo();
		const comments = gateway.url + paths.comments(video);
		const first = await EventStream.open(gateway, video);
		await first.event('cursor');
		await ask(comments, { method: 'POST', body: { text: 'one' } });
		await first.event('comment');
		const cursor = first.events.find(({ name }) => name === 'comment')?.id ?? '';
		first.close();
		await ask(comments, { method: 'POST', body: { text: 'two' } });
		const query = `video=${video}&cursor=${encodeURIComponent(cursor)}`;
		const { all } = await openOnBoth(() => EventStream.openQuery(gateway, query));
		for (const stream of all) {
			await stream.event('comment', ({ text }) => text === 'two');
			expect(stream.events.map(({ name }) => name)).not.toContain('gap');
		}
	});

	it('reports one member with its workers, and is ready', async () => {
		const gateway = await startGateway(FLAGS);
		const pids = await workerPids(gateway);
		expect(new Set([process.pid, ...pids]).size).toBe(3);
		const { all, at } = await openOnBoth(() => EventStream.open(gateway, newVideo()));
		await expect.poll(async () => (await memberReport(gateway)).topics).toBe(all.length);
		const { node, roles, workers, sockets } = await memberReport(gateway);
		expect([node, roles]).toEqual(['node-1', ['likes', 'dispatcher', 'frontend']]);
		expect(sockets.open).toBeGreaterThanOrEqual(all.length);
		const own = Object.fromEntries([...at].map(([worker, some]) => [worker, some.length]));
		expect(Object.fromEntries((workers ?? []).map(({ worker, connections }) => [worker, connections]))).toEqual(own);
		expect((await ask(`${gateway.internalUrl}/readyz`)).status).toBe(200);
		expect((await ask(`${gateway.internalUrl}/healthz`)).status).toBe(200);
		expect((await all[0]?.hello())?.node).toBe('node-1');
	});

	it('divides its most connections among the workers', async () => {
		const gateway = await startGateway({ ...FLAGS, maxConnections: '20' });
		const { sockets } = await memberReport(gateway);
		expect(sockets.max).toBe(20);
		const video = newVideo();
		const streams = await Promise.all(
			Array.from({ length: 30 }, () => EventStream.open(gateway, video).catch(() => undefined)),
		);
		const full = streams.filter((stream) => stream !== undefined);
		await expect
			.poll(() =>
				full.some(({ events }) =>
					events.some(({ name, data }) => name === 'bye' && 'reason' in data && data.reason === 'full'),
				),
			)
			.toBe(true);
		expect((await memberReport(gateway)).connections).toBeLessThanOrEqual(20);
		for (const stream of full.filter(({ events }) => events[0]?.name === 'hello')) workerIn(await stream.hello());
	});
});
