import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { like, newVideo, totalsOf } from '../../test/http-client.ts';
import { type LinkedRegion, linkRegions } from '../../test/linked-regions.ts';

/** What was missed is there so soon after the way to it is open, in milliseconds. */
const CAUGHT_UP_MS = 5_000;

async function likes(region: LinkedRegion, video: string, count: number): Promise<void> {
	for (let given = 0; given < count; given++) await like(region, video);
}

async function expectStored(region: LinkedRegion, video: string, hearts: number): Promise<void> {
	await expect.poll(() => totalsOf(region, video), { timeout: CAUGHT_UP_MS }).toEqual({ heart: hearts });
}

describe('a region that is started again', () => {
	it('while it is cut off, shows all that it ever knew at once, and the rest when the link is back', async () => {
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
		// Nothing less was shown before.
		expect(stream.likes(video)[0]?.totals).toEqual({ heart: 5 });
		await likes(eu, video, 1);
		await stream.holds(video, 6);
		for (const link of regions.links) link.open();
		await stream.holds(video, 10, 'heart', CAUGHT_UP_MS);
		await expectStored(us, video, 10);
	});

	it('tells what it committed and never relayed, though nobody follows it and nobody likes it again', async () => {
		const regions = await linkRegions(['eu', 'us']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const videos = [newVideo(), newVideo(), newVideo()];
		for (const link of regions.links) link.shut();
		for (const video of videos) await likes(eu, video, 2);
		// What waited for the other region is lost with the process.
		await eu.stop();
		for (const link of regions.links) link.open();
		for (const video of videos) expect(await totalsOf(us, video)).toEqual({});
		await eu.start();
		for (const video of videos) await expectStored(us, video, 2);
		expect((await eu.report()).counters.relayed).toBe(0);
	});

	it('learns of what happened in the other one meanwhile', async () => {
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
	it('tells the others what it has, though it gathers for a while', async () => {
		const regions = await linkRegions(['eu', 'us'], { peerWindowMs: '500' });
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const [first, video] = [newVideo(), newVideo()];
		await likes(eu, first, 1);
		await expect.poll(async () => (await eu.report()).counters.relayed).toBe(1);
		await likes(eu, video, 3);
		await eu.stop();
		await expectStored(us, video, 3);
	});

	it('does not wait for one that cannot be reached, which hears of it later', async () => {
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

describe('a region that is added', () => {
	it('takes over all that the others have, also of videos that nobody follows', async () => {
		const regions = await linkRegions(['eu', 'us'], {}, ['us']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		await eu.stop();
		// As it was before there was another one.
		await eu.start({ regions: '', peers: '', clusterSecret: '' });
		// More than a page of changes.
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

describe('a region that is removed', () => {
	it('leaves its likes in the stores of the others, which go on with them', async () => {
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
	it('each tell of their own likes and pass on none of the others', async () => {
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
		// To two regions each; what waits merges.
		await expect.poll(async () => (await relayed())[1]).toBe(2);
		expect((await relayed())[0]).toBe(0);
	});

	it('go on without one of them', async () => {
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
