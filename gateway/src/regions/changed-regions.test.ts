import { cpSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { like, newVideo, postLike, totalsOf } from '../../test/http-client.ts';
import { type LinkedRegion, linkRegions } from '../../test/linked-regions.ts';
import { testDirectory } from '../../test/temporary-directory.ts';
import { markRestored } from '../store/open/mark-restored.ts';
import { homeRegionOfUser } from './home-region.ts';

async function expectHearts(region: LinkedRegion, video: string, hearts: number): Promise<void> {
	await expect.poll(async () => (await totalsOf(region, video)).heart ?? 0).toBe(hearts);
}

describe('a region whose store is restored from a backup', () => {
	it('makes the other regions drop the likes that the backup does not have, and no others', async () => {
		const regions = await linkRegions(['eu', 'us']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const [video, later, backup] = [newVideo(), newVideo(), testDirectory()];
		for (let count = 0; count < 3; count++) await like(eu, video);
		await like(us, video);
		await expectHearts(us, video, 4);
		await eu.stop();
		cpSync(eu.dataDir, backup, { recursive: true });
		await eu.start();
		for (const lost of [video, later]) await like(eu, lost);
		for (const [known, hearts] of [
			[video, 5],
			[later, 1],
		] as const) {
			await expectHearts(us, known, hearts);
		}
		await eu.stop();
		rmSync(eu.dataDir, { recursive: true });
		cpSync(backup, eu.dataDir, { recursive: true });
		await markRestored({ dataDir: eu.dataDir, databaseUrl: '', region: 'eu' });
		await eu.start();
		for (const region of [eu, us]) {
			await expectHearts(region, video, 4);
			await expectHearts(region, later, 0);
		}
		const stream = await EventStream.open(us, video);
		await stream.holds(video, 4);
		await like(eu, video);
		await stream.holds(video, 5);
	});
});

describe('an added region', () => {
	it('becomes the home region of some users, and counts a reaction that they had given once again', async () => {
		const regions = await linkRegions(['eu', 'us'], { reactions: 'heart,wow:once' }, ['us']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const give = async (video: string, user: string) => (await postLike(eu, video, { type: 'wow', user })).status;
		await eu.stop();
		await eu.start({ regions: '' });
		const video = newVideo();
		expect(['ann', 'cem'].map((user) => homeRegionOfUser(['eu', 'us'], user))).toEqual(['eu', 'us']);
		for (const user of ['ann', 'cem']) expect(await give(video, user)).toBe(201);
		await eu.stop();
		await us.start();
		await eu.start();
		expect([await give(video, 'ann'), await give(video, 'cem'), await give(video, 'cem')]).toEqual([200, 201, 200]);
		for (const region of [eu, us]) await expect.poll(() => totalsOf(region, video)).toEqual({ wow: 3 });
	});
});
