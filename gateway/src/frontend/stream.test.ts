import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway, startGateway } from '../../test/gateway.ts';
import { deleteLike, following, like, newVideo, postLike, readVideo, totalsOf } from '../../test/http-client.ts';
import { RawConnection } from '../../test/raw-connection.ts';

const gateway = shareGateway({ windowMs: '5', commitWindowMs: '1', node: 'node-7', region: 'eu', retryMs: '2000' });

describe('A stream', () => {
	it('begins with hello, which names the connection, the node and the heartbeat and lifetime of the stream', async () => {
		const videos = [newVideo(), newVideo()];
		const stream = await EventStream.open(gateway(), [...videos, videos[0] ?? '']);
		const hello = await stream.hello();
		expect(stream.events[0]?.name).toBe('hello');
		expect(hello).toEqual({
			connection: expect.stringMatching(/^node-7\.[\w-]{22}$/),
			node: 'node-7',
			region: 'eu',
			heartbeatMs: 15_000,
			maxLifetimeMs: expect.any(Number),
			...following(videos),
		});
		expect(hello.maxLifetimeMs).toBeGreaterThanOrEqual(1_800_000 * 0.8);
		expect(hello.maxLifetimeMs).toBeLessThanOrEqual(1_800_000 * 1.2);
	});

	it('has headers that keep caches and proxies from delaying events', async () => {
		const { headers } = await EventStream.open(gateway(), newVideo());
		expect(headers).toMatchObject({
			'content-type': 'text/event-stream',
			'cache-control': 'no-store, no-transform',
			'x-accel-buffering': 'no',
		});
	});

	it('sends its head and its first event at once, without any update', async () => {
		const connection = await RawConnection.open(gateway().port);
		connection.write(`GET ${paths.stream} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
		await expect
			.poll(() => connection.text)
			.toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\n[\s\S]*: ok\n[\s\S]*event: hello\ndata: .*\n\n/);
	});

	it('sends each viewer another retry time, and another connection', async () => {
		const streams = await Promise.all(Array.from({ length: 20 }, () => EventStream.open(gateway(), newVideo())));
		const hellos = await Promise.all(streams.map((stream) => stream.hello()));
		const retries = streams.map(({ retryMs }) => retryMs ?? 0);
		for (const retryMs of retries) {
			expect(retryMs).toBeGreaterThanOrEqual(1_000);
			expect(retryMs).toBeLessThanOrEqual(3_000);
		}
		expect(new Set(retries).size).toBeGreaterThan(10);
		expect(new Set(hellos.map(({ connection }) => connection)).size).toBe(20);
	});

	it('sends a snapshot first, also of a video without likes', async () => {
		const [liked, fresh] = [newVideo(), newVideo()];
		await like(gateway(), liked);
		await like(gateway(), liked, { type: 'clap' });
		const stream = await EventStream.open(gateway(), [liked, fresh]);
		const snapshot = { delta: {}, recent: [], shown: 0, of: 0, at: expect.any(Number) };
		expect(await stream.event('likes', ({ video }) => video === liked)).toEqual({
			...snapshot,
			video: liked,
			totals: { heart: 1, clap: 1 },
			revision: 2,
		});
		expect(await stream.event('likes', ({ video }) => video === fresh)).toEqual({
			...snapshot,
			video: fresh,
			totals: {},
			revision: 0,
		});
	});

	it('sends a like of one user to other viewers, with its user and its time', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const stream = await EventStream.open(gateway(), video);
		await stream.holds(video, 0);
		const before = Date.now();
		await like(gateway(), video, { id, user: 'bob', type: 'clap' });
		await stream.holds(video, 1, 'clap');
		const event = stream.likes(video).at(-1);
		expect(event).toEqual({
			video,
			totals: { clap: 1 },
			delta: { clap: 1 },
			recent: [{ id, user: 'bob', type: 'clap', at: event?.at }],
			shown: 1,
			of: 1,
			revision: 1,
			at: event?.at,
		});
		expect(event?.at).toBeGreaterThanOrEqual(before);
		expect(event?.at).toBeLessThanOrEqual(Date.now());
	});

	it('sends a like that was taken back as a negative delta', async () => {
		const video = newVideo();
		const { id } = await like(gateway(), video);
		const stream = await EventStream.open(gateway(), video);
		await stream.holds(video, 1);
		await deleteLike(gateway(), video, id);
		await stream.holds(video, 0);
		expect(stream.likes(video).at(-1)).toMatchObject({
			delta: { heart: -1 },
			recent: [],
			shown: 0,
			of: 0,
			revision: 2,
		});
	});

	it('sends nothing for a duplicate, and the next like as one', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const stream = await EventStream.open(gateway(), video);
		await stream.holds(video, 0);
		await like(gateway(), video, { id });
		await stream.holds(video, 1);
		await postLike(gateway(), video, { id });
		await like(gateway(), video);
		await stream.holds(video, 2);
		expect(stream.likes(video).map(({ delta }) => delta)).toEqual([{}, { heart: 1 }, { heart: 1 }]);
	});

	it('reaches the revision that the answer to a like named', async () => {
		const video = newVideo();
		const stream = await EventStream.open(gateway(), video);
		const { revision } = await like(gateway(), video);
		await stream.event('likes', (event) => event.revision >= revision);
		expect(stream.tally.of(video)).toEqual({ heart: 1 });
	});

	it('may name no video', async () => {
		expect((await (await EventStream.open(gateway(), [])).hello()).videos).toEqual([]);
	});

	it('sends each of 100 videos', async () => {
		const videos = Array.from({ length: 100 }, (_, index) => `${newVideo()}.`.padEnd(128, `${index % 10}`));
		const stream = await EventStream.open(gateway(), videos);
		await stream.until(() => videos.every((video) => stream.tally.of(video) !== undefined));
		await Promise.all(videos.map((video) => like(gateway(), video)));
		await stream.until(() => videos.every((video) => stream.tally.of(video)?.heart === 1));
	});

	it('accepts its user in the query, as an EventSource has no headers', async () => {
		await (await EventStream.open(gateway(), newVideo(), { user: 'ann' })).hello();
	});
});

describe('Many viewers', () => {
	it('have the totals of the database while viewers come and go and users like', async () => {
		const video = newVideo();
		const open = () => EventStream.open(gateway(), video);
		const streams = await Promise.all(Array.from({ length: 30 }, open));
		const ids: string[] = [];
		for (let round = 0; round < 10; round++) {
			const answers = await Promise.all(Array.from({ length: 25 }, () => like(gateway(), video)));
			ids.push(...answers.map(({ id }) => id));
			await Promise.all(ids.splice(0, 5).map((id) => deleteLike(gateway(), video, id)));
			streams.shift()?.close();
			streams.push(await open());
		}
		await Promise.all(streams.map((stream) => stream.holds(video, 200)));
		expect(await totalsOf(gateway(), video)).toEqual({ heart: 200 });
		const recent = streams.flatMap((stream) => stream.likes(video));
		for (const { shown, of, recent: sample } of recent) {
			expect(sample).toHaveLength(shown);
			expect(shown).toBeLessThanOrEqual(of);
		}
		expect(recent.some(({ shown }) => shown > 0)).toBe(true);
	});

	it('are counted while they are connected', async () => {
		const video = newVideo();
		const streams = await Promise.all([1, 2, 3].map(() => EventStream.open(gateway(), video)));
		await Promise.all(streams.map((stream) => stream.holds(video, 0)));
		expect((await readVideo(gateway(), video)).viewers).toBe(3);
		streams[0]?.close();
		await expect.poll(async () => (await readVideo(gateway(), video)).viewers).toBe(2);
	});
});

describe('The window of a frontend', () => {
	it('sends one frame, however many likes arrive in it', async () => {
		const windowMs = 200;
		const slow = await startGateway({ windowMs: `${windowMs}` });
		const video = newVideo();
		const stream = await EventStream.open(slow, video);
		await stream.holds(video, 0);
		const startedAt = performance.now();
		while (performance.now() - startedAt < 5 * windowMs) {
			await Promise.all(Array.from({ length: 10 }, () => like(slow, video)));
		}
		const { heart = 0 } = await totalsOf(slow, video);
		await stream.holds(video, heart);
		const windows = (performance.now() - startedAt) / windowMs;
		const frames = stream.likes(video).length;
		expect(frames).toBeLessThanOrEqual(windows + 2);
		expect(frames).toBeGreaterThanOrEqual(3);
		expect(heart).toBeGreaterThan(frames);
		expect(Math.max(...stream.likes(video).map(({ shown }) => shown))).toBeGreaterThan(1);
	});

	it('delays updates for all viewers alike, and sends what is pending before the bye', async () => {
		const slow = await startGateway({ windowMs: '10000' });
		const video = newVideo();
		const early = await EventStream.open(slow, video);
		await early.holds(video, 0);
		await Promise.all([like(slow, video), like(slow, video)]);
		const late = await EventStream.open(slow, video);
		await late.holds(video, early.tally.of(video)?.heart ?? 0);
		await slow.stop();
		for (const stream of [early, late]) {
			await stream.until(() => stream.closed);
			expect(stream.tally.of(video)).toEqual({ heart: 2 });
			expect(stream.events.at(-1)).toEqual({
				name: 'bye',
				data: { reason: 'shutdown', retryMs: expect.any(Number) },
				retryMs: stream.retryMs,
			});
		}
	});
});

describe('An idle stream', () => {
	it('gets heartbeats that its viewer can see', async () => {
		const quick = await startGateway({ heartbeatMs: '1000' });
		const stream = await EventStream.open(quick, newVideo());
		expect((await stream.hello()).heartbeatMs).toBe(1_000);
		const before = Date.now();
		await stream.until(() => stream.events.filter(({ name }) => name === 'heartbeat').length >= 2);
		const { at } = await stream.event('heartbeat');
		expect(at).toBeGreaterThan(before);
		expect(at).toBeLessThanOrEqual(Date.now());
	});
});
