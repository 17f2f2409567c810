import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { readChunks } from '../../../test/chunk-reader.ts';
import { shareCluster } from '../../../test/cluster.ts';
import { EventStream } from '../../../test/event-stream.ts';
import { like, newVideo } from '../../../test/http-client.ts';

const cluster = shareCluster(
	{ 'core-1': 'likes,dispatcher', 'frontend-1': 'frontend', 'frontend-2': 'frontend', 'frontend-3': 'frontend' },
	{ windowMs: '5', commitWindowMs: '1' },
);
const core = () => cluster().node('core-1');
const frontends = () => cluster().nodes.filter(({ name }) => name.startsWith('frontend'));

async function connectionCounts(): Promise<number[]> {
	return Promise.all(frontends().map(async (node) => (await node.report()).connections));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe('a node without the role frontend', () => {
	it('relays the streams of many viewers from all frontends, and still exchanges messages with those', async () => {
		const video = newVideo();
		const streams = await Promise.all(Array.from({ length: 60 }, () => EventStream.open(core(), video)));
		await Promise.all(streams.map((stream) => stream.holds(video, 0)));
		for (const count of await connectionCounts()) expect(count).toBeGreaterThan(0);
		await Promise.all(Array.from({ length: 20 }, () => like(core(), video)));
		await Promise.all(streams.map((stream) => stream.holds(video, 20)));
		const { members } = await core().cluster();
		expect(members.map(({ state }) => state)).toEqual(['self', 'alive', 'alive', 'alive']);
		for (const stream of streams) stream.close();
		await expect.poll(async () => sum(await connectionCounts())).toBe(0);
	});

	it('ends the stream at the frontend when its viewer leaves, also before the first event', async () => {
		const left = await Promise.all(Array.from({ length: 20 }, () => EventStream.open(core(), newVideo())));
		for (const stream of left) stream.close();
		const stays = await EventStream.open(core(), newVideo());
		await stays.hello();
		await expect.poll(async () => sum(await connectionCounts())).toBe(1);
		stays.close();
	});

	it('relays each event at once, to a client that reads chunk by chunk', async () => {
		const video = newVideo();
		const chunks = readChunks(core().port, `${paths.stream}?video=${video}`);
		await expect.poll(() => chunks.join('')).toContain('event: likes');
		await like(core(), video);
		await expect.poll(() => chunks.join('')).toContain('"totals":{"heart":1}');
		expect(chunks.join('')).not.toContain(':\n\n:\n\n');
	});

	it('relays the status and the headers of the frontend, also the origin', async () => {
		const stream = await EventStream.open(core(), newVideo(), { headers: { Origin: 'http://localhost:3000' } });
		expect(stream.headers).toMatchObject({
			'content-type': 'text/event-stream',
			'cache-control': 'no-store, no-transform',
			'x-accel-buffering': 'no',
			'access-control-allow-origin': 'http://localhost:3000',
		});
		expect((await stream.hello()).node).toMatch(/^frontend-/);
	});
});
