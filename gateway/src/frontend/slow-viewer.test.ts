import { setTimeout } from 'node:timers/promises';
import { paths } from '@likewire/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { comment } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { startGateway, type TestGateway } from '../../test/gateway.ts';
import { like, newVideo, postJson, readVideo, totalsOf } from '../../test/http-client.ts';
import { FIRST, largeFrames } from '../../test/large-frames.ts';
import type { Flags } from '../config/config.ts';
import type { LoadReport } from './load/load-monitor.ts';

/** More unread bytes than a connection can hold. */
const MORE_THAN_HIDDEN_BYTES = 12 * 1024 * 1024;

let settings: Flags;
let video: string;
/** A video with small frames. */
let small: string;
beforeEach(async () => {
	video = newVideo();
	small = newVideo();
	settings = await largeFrames(video);
});

function start(flags: Flags): Promise<TestGateway> {
	return startGateway({ ...settings, ...flags });
}

/** Opens a stream, and waits for its snapshots. */
async function viewer(gateway: TestGateway): Promise<EventStream> {
	const stream = await EventStream.open(gateway, [video, small]);
	await stream.holds(video, 1, FIRST);
	await stream.holds(small, 0, FIRST);
	return stream;
}

/** Likes until a reading viewer received more bytes than can wait for a viewer that does not read. */
async function likeUntilBlocked(gateway: TestGateway, reader: EventStream): Promise<void> {
	const enough = reader.receivedBytes + MORE_THAN_HIDDEN_BYTES;
	while (reader.receivedBytes < enough) await like(gateway, video, { type: FIRST });
}

/** Waits until the viewers have the totals of the database. */
async function caughtUp(gateway: TestGateway, ...streams: readonly EventStream[]): Promise<void> {
	const count = (await totalsOf(gateway, video))[FIRST] ?? 0;
	await Promise.all(streams.map((stream) => stream.holds(video, count, FIRST)));
}

/** Returns the load that the frontend reports. */
async function loadOf({ internalUrl }: TestGateway): Promise<LoadReport> {
	const { members } = (await (await fetch(`${internalUrl}/v1/cluster`)).json()) as { members: { load: LoadReport }[] };
	return (members[0] as { load: LoadReport }).load;
}

describe('A viewer that stops reading', () => {
	it('gets the newest state and no backlog once it reads again, and its stream continues', async () => {
		const gateway = await start({ blockedTimeoutMs: '600000' });
		const [fast, slow] = await Promise.all([viewer(gateway), viewer(gateway)]);
		slow.pause();
		await likeUntilBlocked(gateway, fast);
		await caughtUp(gateway, fast);
		slow.resume();
		// No user likes any more: no other update pushes out what it gets now.
		await caughtUp(gateway, slow);
		expect(slow.receivedBytes).toBeLessThan(fast.receivedBytes / 2);
		expect(Math.max(...slow.likes().map(({ delta }) => delta[FIRST] ?? 0))).toBeGreaterThan(10);
		// uWebSockets.js would end it 10 s after the backpressure, whatever was written since.
		const end = performance.now() + 13_000;
		for (let likes = 1; performance.now() < end; likes++) {
			await like(gateway, small, { type: FIRST });
			await slow.holds(small, likes, FIRST);
			await setTimeout(20);
		}
		expect(slow.closed).toBe(false);
	});

	it('is cut off after the configured time when it never reads again', async () => {
		const gateway = await start({ blockedTimeoutMs: '1000' });
		const [fast, slow] = await Promise.all([viewer(gateway), viewer(gateway)]);
		slow.pause();
		await likeUntilBlocked(gateway, fast);
		await expect.poll(async () => (await readVideo(gateway, video)).viewers).toBe(1);
		slow.resume();
		await slow.until(() => slow.closed);
		expect(slow.events.at(-1)?.name).toBe('likes');
	});
});

describe('A frontend whose viewers mostly do not read', () => {
	it('degrades nothing for the others: its load stays at level 0, and signals are sent', async () => {
		const gateway = await start({ blockedTimeoutMs: '600000' });
		const fast = await viewer(gateway);
		const slow = await Promise.all(Array.from({ length: 12 }, () => viewer(gateway)));
		const talk = await EventStream.openQuery(gateway, 'conversation=c');
		await talk.event('cursor');
		for (const stream of slow) stream.pause();
		while ((await loadOf(gateway)).blocked < 12) await like(gateway, video, { type: FIRST });
		// Frames of this size may be all that a slow machine can send: the level falls when they end, or never rose.
		await expect.poll(async () => (await loadOf(gateway)).level).toBe(0);

		await postJson(gateway.url + paths.typing('c'), { typing: true }, { 'X-Likewire-User': 'ann' });
		await talk.event('typing', ({ user }) => user === 'ann');
		await comment(gateway, small, 'whole');
		await fast.event('comment', ({ text }) => text === 'whole');
		await like(gateway, small, { type: FIRST });
		await fast.holds(small, 1, FIRST);
		expect(await loadOf(gateway)).toMatchObject({ level: 0, blocked: 12 });
	});
});
