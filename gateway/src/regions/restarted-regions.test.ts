import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { like, newVideo, totalsOf } from '../../test/http-client.ts';
import { type LinkedRegion, linkRegions } from '../../test/linked-regions.ts';

/** The longest time of a sync after the link is open, in milliseconds. */
const SYNCED_MS = 5_000;

async function likes(region: LinkedRegion, video: string, count: number): Promise<void> {
	for (let given = 0; given < count; given++) await like(region, video);
}

async function expectStored(region: LinkedRegion, video: string, hearts: number): Promise<void> {
	await expect.poll(() => totalsOf(region, video), { timeout: SYNCED_MS }).toEqual({ heart: hearts });
}

describe('a restarted region', () => {
	it('shows its stored state at once while it is cut off, and the rest after the repair of the link', async () => {
		const regions = await linkRegions(['eu', 'us']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const video = newVideo();
		await likes(eu, video, 2);
		await likes(us, video, 3);
		await expectStored(eu, video, 5);
		for (const link of regions.links) link.shut();
		await eu.stop();
		await likes(us, video, 4);
		await eu.start();
		const stream = await EventStream.open(eu, video);
		await stream.holds(video, 5);
		// The viewer received no smaller total before.
		expect(stream.likes(video)[0]?.totals).toEqual({ heart: 5 });
		await likes(eu, video, 1);
		await stream.holds(video, 6);
		for (const link of regions.links) link.open();
		await stream.holds(video, 10, 'heart', SYNCED_MS);
		await expectStored(us, video, 10);
	});

	it('sends likes that it committed and never relayed, though no viewer follows their videos', async () => {
		const regions = await linkRegions(['eu', 'us']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const videos = [newVideo(), newVideo(), newVideo()];
		for (const link of regions.links) link.shut();
		for (const video of videos) await likes(eu, video, 2);
		// The process loses the updates that wait for the other region.
		await eu.stop();
		for (const link of regions.links) link.open();
		for (const video of videos) expect(await totalsOf(us, video)).toEqual({});
		await eu.start();
		for (const video of videos) await expectStored(us, video, 2);
		expect((await eu.report()).counters.relayed).toBe(0);
	});

	it('syncs the likes that the other region took during its absence', async () => {
		const regions = await linkRegions(['eu', 'us']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const video = newVideo();
		await eu.stop();
		await likes(us, video, 3);
		await us.stop();
		await us.start();
		await eu.start();
		await expectStored(eu, video, 3);
	});
});

describe('a region that stops', () => {
	it('relays waiting updates before the end of their window', async () => {
		const regions = await linkRegions(['eu', 'us'], { peerWindowMs: '500' });
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const [first, video] = [newVideo(), newVideo()];
		await likes(eu, first, 1);
		await expect.poll(async () => (await eu.report()).counters.relayed).toBe(1);
		await likes(eu, video, 3);
		await eu.stop();
		await expectStored(us, video, 3);
	});

	it('does not wait for an unreachable region, which syncs later', async () => {
		const regions = await linkRegions(['eu', 'us']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const video = newVideo();
		for (const link of regions.links) link.shut();
		await likes(eu, video, 3);
		await expect.poll(async () => (await eu.report()).counters.relayRetries).toBeGreaterThan(0);
		await eu.stop();
		for (const link of regions.links) link.open();
		await eu.start();
		await expectStored(us, video, 3);
	});
});

describe('an added region', () => {
	it('syncs all videos of the others, also those without viewers', async () => {
		const regions = await linkRegions(['eu', 'us'], {}, ['us']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		await eu.stop();
		// Without another region, as before the second region was added.
		await eu.start({ regions: '', peers: '', clusterSecret: '' });
		// More videos than one page of changes.
		const videos = Array.from({ length: 600 }, () => newVideo());
		for (let index = 0; index < videos.length; index += 50) {
			await Promise.all(videos.slice(index, index + 50).map((video) => like(eu, video)));
		}
		await eu.stop();
		await eu.start();
		await us.start();
		for (const video of videos) await expectStored(us, video, 1);
		const [video = ''] = videos;
		await likes(us, video, 1);
		await expectStored(eu, video, 2);
	});
});

describe('a removed region', () => {
	it('leaves its likes in the stores of the others, which continue to count them', async () => {
		const regions = await linkRegions(['eu', 'us']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const video = newVideo();
		await likes(us, video, 2);
		await expectStored(eu, video, 2);
		await us.stop();
		await eu.stop();
		await eu.start({ regions: '' });
		const stream = await EventStream.open(eu, video);
		await stream.holds(video, 2);
		await likes(eu, video, 1);
		await stream.holds(video, 3);
		expect(await totalsOf(eu, video)).toEqual({ heart: 3 });
	});
});

describe('three regions', () => {
	it('each relay their own likes only', async () => {
		const names = ['ap', 'eu', 'us'];
		const regions = await linkRegions(names);
		const [ap, eu, us] = names.map((name) => regions.region(name)) as [LinkedRegion, LinkedRegion, LinkedRegion];
		const videos = [newVideo(), newVideo(), newVideo()];
		for (const video of videos) await likes(eu, video, 5);
		for (const region of [ap, us]) for (const video of videos) await expectStored(region, video, 5);
		const relayed = async () => Promise.all([ap, us].map(async (region) => (await region.report()).counters.relayed));
		expect(await relayed()).toEqual([0, 0]);
		await likes(us, videos[0] as string, 1);
		for (const region of [ap, eu, us]) await expectStored(region, videos[0] as string, 6);
		// One update for two regions: waiting updates merge.
		await expect.poll(async () => (await relayed())[1]).toBe(2);
		expect((await relayed())[0]).toBe(0);
	});

	it('continue without one of them', async () => {
		const names = ['ap', 'eu', 'us'];
		const regions = await linkRegions(names);
		const [ap, eu, us] = names.map((name) => regions.region(name)) as [LinkedRegion, LinkedRegion, LinkedRegion];
		const video = newVideo();
		await ap.stop();
		await likes(eu, video, 2);
		await likes(us, video, 1);
		for (const region of [eu, us]) await expectStored(region, video, 3);
		await ap.start();
		await expectStored(ap, video, 3);
	});
});
