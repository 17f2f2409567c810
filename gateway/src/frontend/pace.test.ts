import { paths, type StreamPace, type SubscriptionAnswer } from '@likewire/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { shareCluster } from '../../test/cluster.ts';
import { EventStream } from '../../test/event-stream.ts';
import { FakeViewer } from '../../test/fake-viewer.ts';
import { expectProblem, following, like, newVideo, postJson, readVideo } from '../../test/http-client.ts';
import { deliver, hearts, makeHub, TOPIC } from '../../test/hub.ts';
import { type Hub, TURN_BUDGET } from './connections/hub.ts';
import { SLOW_WINDOW_MS } from './topic/topic.ts';

describe('Hub, with viewers of the pace slow', () => {
	let hub: Hub;
	beforeEach(() => {
		hub = makeHub();
		show(0);
	});

	function show(count: number): void {
		deliver(hub, hearts(count));
	}

	function viewer(id: string, pace: StreamPace, now = 0): FakeViewer {
		const made = new FakeViewer(hub, id, { now });
		hub.subscribe(made.connection, TOPIC, now);
		hub.setPace(made.connection, pace, now);
		return made;
	}

	/** Runs the hub whenever it is due, until a time. */
	function runUntil(end: number, from: number): void {
		let due: number | undefined = from;
		for (let now = from; due !== undefined && now <= end; now = Math.max(now, due ?? now)) {
			due = hub.run(now);
			if (due === Number.NEGATIVE_INFINITY) due = now;
		}
	}

	/** Adds one like each 100 ms for a second, for viewers with the earlier state. */
	function tenLikes(): void {
		runUntil(1_000, 0);
		for (let count = 1; count <= 10; count++) {
			const now = 5_000 + count * 100;
			show(count);
			runUntil(now + 99, now);
		}
	}

	it('sends each viewer at most two frames for ten likes in a second, which add up to the total', () => {
		const [slow, other, normal] = [viewer('a', 'slow'), viewer('b', 'slow'), viewer('c', 'normal')];
		show(0);
		tenLikes();
		expect(slow.likes).toHaveLength(2);
		runUntil(10_000, 6_100);
		expect(slow.likes).toMatchObject([
			{ totals: {}, delta: {} },
			{ totals: { heart: 1 }, delta: { heart: 1 } },
			{ totals: { heart: 10 }, delta: { heart: 9 } },
		]);
		expect(normal.likes).toHaveLength(11);
		// One frame, encoded once for all of them.
		for (const [index, frame] of slow.socket.frames.entries()) expect(other.socket.frames[index]).toBe(frame);
	});

	it('has nothing to do once they have the newest state', () => {
		const slow = viewer('a', 'slow');
		show(0);
		tenLikes();
		runUntil(10_000, 6_100);
		expect(hub.run(20_000)).toBeUndefined();
		expect(slow.hearts).toBe(10);
	});

	it('sends a viewer the newest state when its pace changes, in both directions', () => {
		const viewers = [viewer('a', 'slow'), viewer('b', 'slow')];
		const [a] = viewers as [FakeViewer, FakeViewer];
		show(1);
		runUntil(100, 100);
		show(2);
		runUntil(200, 200);
		expect(a.hearts).toBe(1);
		hub.setPace(a.connection, 'normal', 210);
		expect(a.hearts).toBe(2);
		show(3);
		runUntil(300, 300);
		expect(a.hearts).toBe(3);
		hub.setPace(a.connection, 'slow', 310);
		show(4);
		runUntil(400, 400);
		expect(a.hearts).toBe(3);
		runUntil(100 + SLOW_WINDOW_MS, 410);
		for (const { hearts: received } of viewers) expect(received).toBe(4);
	});

	it('counts them, and keeps the topic while one of them is there', () => {
		const [slow, normal] = [viewer('a', 'slow'), viewer('b', 'normal')];
		expect(hub.topics.registration(TOPIC)?.count).toBe(2);
		hub.disconnect(normal.connection, 0);
		hub.tick(60_000, 0);
		expect(hub.topics.registration(TOPIC)?.count).toBe(1);
		hub.disconnect(slow.connection, 60_000);
		hub.tick(120_000, 0);
		expect(hub.topics.registration(TOPIC)).toBeUndefined();
	});

	it('lets neither audience delay the other, however many viewers it has', () => {
		for (let index = 0; index < 2 * TURN_BUDGET; index++) viewer(`slow-${index}`, 'slow');
		const normal = viewer('normal', 'normal');
		show(0);
		runUntil(1_000, 0);
		show(1);
		hub.run(2_000);
		hub.run(2_000);
		expect(normal.hearts).toBe(1);
	});

	it('sends a viewer that was blocked the newest state once', () => {
		const slow = viewer('a', 'slow');
		show(0);
		runUntil(1_000, 0);
		slow.stall();
		tenLikes();
		runUntil(10_000, 6_100);
		slow.resume(10_000);
		expect(slow.likes.at(-1)?.totals).toEqual({ heart: 10 });
	});
});

describe('The pace of a stream', () => {
	const cluster = shareCluster({ 'likes-1': 'likes', 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend' });
	const node = () => cluster().node('likes-1');

	async function change(connection: string, body: object): Promise<SubscriptionAnswer> {
		const response = await postJson(node().url + paths.subscriptions(connection), body);
		expect(response.status).toBe(200);
		return (await response.json()) as SubscriptionAnswer;
	}

	it('is slow from one request to another, with all likes in few frames', async () => {
		const video = newVideo();
		const stream = await EventStream.open(node(), video);
		await stream.holds(video, 0);
		const { connection } = await stream.hello();
		expect(await change(connection, { pace: 'slow' })).toEqual({ ...following([video]), pace: 'slow' });
		const [startedAt, framesBefore] = [performance.now(), stream.likes(video).length];
		for (let count = 0; count < 10; count++) await like(node(), video);
		await stream.holds(video, 10);
		const seconds = (performance.now() - startedAt) / 1_000;
		expect(stream.likes(video).length - framesBefore).toBeLessThanOrEqual(2 + Math.floor(seconds));
		expect(await change(connection, { pace: 'normal' })).toEqual({ ...following([video]), pace: 'normal' });
		await like(node(), video);
		await stream.holds(video, 11);
		expect((await readVideo(node(), video)).viewers).toBe(1);
	});

	it('applies to topics that are added later, and stays in a request that names no pace', async () => {
		const [video, later] = [newVideo(), newVideo()];
		const stream = await EventStream.open(node(), video);
		const { connection } = await stream.hello();
		await change(connection, { pace: 'slow' });
		const answer = await change(connection, { add: { videos: [later] } });
		expect(answer).toEqual(following([video, later]));
		await stream.holds(later, 0);
		const framesBefore = stream.likes(later).length;
		const startedAt = performance.now();
		for (let count = 0; count < 10; count++) await like(node(), later);
		await stream.holds(later, 10);
		const seconds = (performance.now() - startedAt) / 1_000;
		expect(stream.likes(later).length - framesBefore).toBeLessThanOrEqual(2 + Math.floor(seconds));
	});

	it.each(['fast', '', null, 1, {}, ['slow']])('cannot be %j', async (pace) => {
		const stream = await EventStream.open(node(), newVideo());
		const { connection } = await stream.hello();
		const refused = await postJson(node().url + paths.subscriptions(connection), { pace });
		await expectProblem(refused, 400, 'invalid_body');
	});
});
