import { expect, it } from 'vitest';
import { shareRegions } from '../../test/cluster.ts';
import { EventStream } from '../../test/event-stream.ts';
import { like, newVideo, totalsOf } from '../../test/http-client.ts';

const ROLES = {
	'likes-1': 'likes',
	'dispatcher-1': 'dispatcher',
	'dispatcher-2': 'dispatcher',
	'frontend-1': 'frontend',
};
const REGIONS = ['eu', 'us'] as const;

const regions = shareRegions(REGIONS, ROLES, { windowMs: '5', commitWindowMs: '1' });
const node = (region: string, name: string) => regions().region(region).node(name);

// Several videos, so that each dispatcher owns some of them.
const videos = Array.from({ length: 8 }, newVideo);

it.each([
	['with all dispatchers', undefined],
	['without the first of each region', 'dispatcher-1'],
] as const)('%s, likes of both regions reach the viewers of both, and both stores', async (_, lost) => {
	if (lost !== undefined) await Promise.all(REGIONS.map((region) => node(region, lost).stop()));
	const before = (await totalsOf(node('eu', 'likes-1'), videos[0] as string)).heart ?? 0;
	const streams = await Promise.all(REGIONS.map((region) => EventStream.open(node(region, 'frontend-1'), videos)));
	const hold = (hearts: number) =>
		Promise.all(streams.flatMap((stream) => videos.map((video) => stream.holds(video, hearts))));
	await hold(before);
	for (const region of REGIONS) for (const video of videos) await like(node(region, 'frontend-1'), video);
	await hold(before + 2);
	for (const region of REGIONS) {
		for (const video of videos) {
			await expect.poll(() => totalsOf(node(region, 'likes-1'), video)).toEqual({ heart: before + 2 });
		}
	}
});
