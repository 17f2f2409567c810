import { randomUUID } from 'node:crypto';
import { type HighlightsAnswer, paths, type TimelineAnswer } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareRegions } from '../../test/cluster.ts';
import { newVideo, postJson } from '../../test/http-client.ts';
import { linkRegions } from '../../test/linked-regions.ts';

interface Place {
	readonly url: string;
}

/** Likes a video many times at one position. */
async function likesAt({ url }: Place, video: string, position: number, count: number): Promise<void> {
	const likes = Array.from({ length: count }, () => ({ id: randomUUID(), position }));
	const response = await postJson(url + paths.likes(video), { likes }, { 'X-Likewire-User': 'ann' });
	expect(response.status).toBe(200);
}

async function read<Answer>({ url }: Place, path: string): Promise<Answer> {
	const response = await fetch(url + path);
	expect(response.status).toBe(200);
	return (await response.json()) as Answer;
}

const timeline = (place: Place, video: string, query = '') =>
	read<TimelineAnswer>(place, `${paths.timeline(video)}?${query}`);
const highlights = (place: Place, video: string) => read<HighlightsAnswer>(place, paths.highlights(video));

/** The start of the second some seconds ago, in Unix milliseconds. */
const secondsAgo = (seconds: number) => (Math.floor(Date.now() / 1_000) - seconds) * 1_000;

describe('A timeline of two regions', () => {
	const roles = { 'likes-1': 'likes', 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend' };
	const regions = shareRegions(['eu', 'us'], roles);
	const node = (region: string, name = 'frontend-1') => regions().region(region).node(name);

	it('is the same in both, and adds up to the totals', async () => {
		const [video, first, second] = [newVideo(), secondsAgo(30), secondsAgo(12)];
		await likesAt(node('eu'), video, first, 3);
		await likesAt(node('us'), video, first, 4);
		await likesAt(node('us'), video, second, 2);
		const points = [
			[first, 7],
			[second, 2],
		];
		for (const region of ['eu', 'us']) {
			// The totals of the other region arrive a moment later.
			await expect.poll(async () => (await timeline(node(region), video)).totals).toEqual({ heart: 9 });
			for (const name of Object.keys(roles)) {
				expect(await timeline(node(region, name), video)).toEqual({
					video,
					step: '1s',
					types: ['heart'],
					points,
					totals: { heart: 9 },
					missing: [],
					next: null,
				});
			}
			const { highlights: best, missing } = await highlights(node(region), video);
			expect([best[0]?.counts, missing]).toEqual([{ heart: 7 }, []]);
		}
	});
});

describe('A timeline without an answer of another region', () => {
	it('names the region, has the rest in time, and all of it once the region is back', async () => {
		const regions = await linkRegions(['eu', 'us', 'asia']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const [video, at] = [newVideo(), secondsAgo(20)];
		await likesAt(eu, video, at, 1);
		await likesAt(us, video, at, 2);
		await likesAt(regions.region('asia'), video, at, 4);
		await expect.poll(async () => (await timeline(eu, video)).points).toEqual([[at, 7]]);
		for (const cut of ['shut', 'silence'] as const) {
			const link = regions.link('eu', 'us');
			link[cut]();
			const startedAt = performance.now();
			await expect
				.poll(() => timeline(eu, video), { timeout: 30_000 })
				.toMatchObject({ points: [[at, 5]], missing: ['us'] });
			const { highlights: best, missing } = await highlights(eu, video);
			expect([best[0]?.counts, missing]).toEqual([{ heart: 5 }, ['us']]);
			expect(performance.now() - startedAt).toBeLessThan(30_000);
			link.open();
			await expect
				.poll(() => timeline(eu, video), { timeout: 30_000 })
				.toMatchObject({ points: [[at, 7]], missing: [] });
		}
		await us.stop();
		await expect
			.poll(() => timeline(eu, video), { timeout: 30_000 })
			.toMatchObject({
				points: [[at, 5]],
				totals: { heart: 7 },
				missing: ['us'],
			});
	}, 90_000);
});
