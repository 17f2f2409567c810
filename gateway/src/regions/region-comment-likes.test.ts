import { cpSync, rmSync } from 'node:fs';
import { type LikeAnswer, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { comment, commentsPage } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { newVideo, postJson } from '../../test/http-client.ts';
import { type LinkedRegion, linkRegions } from '../../test/linked-regions.ts';
import { testDirectory } from '../../test/temporary-directory.ts';
import { markRestored } from '../store/open/mark-restored.ts';

async function likeComment(region: LinkedRegion, video: string, id: string): Promise<LikeAnswer> {
	const response = await postJson(region.url + paths.commentLikes(video, id), {}, { 'X-Likewire-User': 'ann' });
	expect(response.status).toBe(201);
	return (await response.json()) as LikeAnswer;
}

/** Resolves with the hearts of a comment in the history of a region. */
async function heartsIn(region: LinkedRegion, video: string, id: string): Promise<number | undefined> {
	const { comments } = await commentsPage(region, video);
	const found = comments.find((one) => one.id === id);
	return found && (found.likes?.heart ?? 0);
}

/** Returns the hearts of a comment that a stream received, oldest first. */
function heartsOf(stream: EventStream, id: string): number[] {
	return stream.events.flatMap((event) =>
		event.name === 'comment-likes' && event.data.id === id ? [event.data.totals.heart ?? 0] : [],
	);
}

/** Starts two regions that both have the same comment. */
async function commented() {
	const regions = await linkRegions(['eu', 'us']);
	const [eu, us] = [regions.region('eu'), regions.region('us')];
	const video = newVideo();
	const { id, user } = await comment(eu, video);
	await expect.poll(() => heartsIn(us, video, id)).toBe(0);
	return { regions, eu, us, video, id, user };
}

describe('likes of a comment in two regions', () => {
	it('reach a viewer as the sum of both, though this region counted most of it before the viewer came', async () => {
		const { eu, us, video, id, user } = await commented();
		for (let count = 0; count < 5; count++) await likeComment(us, video, id);
		await expect.poll(() => heartsIn(eu, video, id)).toBe(5);
		const streams = await Promise.all([eu, us].map((region) => EventStream.open(region, video)));
		for (const stream of streams) await stream.hello();
		await Promise.all(streams.map((stream) => stream.holds(video, 0)));
		await likeComment(eu, video, id);
		for (const stream of streams) {
			const sent = await stream.event('comment-likes', (event) => event.id === id && event.totals.heart === 6);
			expect(sent).toEqual({ video, id, user, totals: { heart: 6 } });
			// The sum was 5 before the viewers came.
			expect(heartsOf(stream, id).filter((hearts) => hearts < 5)).toEqual([]);
		}
	});

	it('that changed while a viewer was away reach the viewer that resumes in the other region', async () => {
		const { eu, us, video, id } = await commented();
		const before = await EventStream.open(eu, video);
		await before.event('cursor');
		const cursor = before.events.find(({ name }) => name === 'cursor')?.id;
		before.close();
		await likeComment(eu, video, id);
		await likeComment(us, video, id);
		await expect.poll(() => heartsIn(us, video, id)).toBe(2);
		const back = await EventStream.openQuery(us, `video=${video}&cursor=${encodeURIComponent(cursor ?? '')}`);
		await back.event('comment-likes', (event) => event.id === id && event.totals.heart === 2);
		// The sum may come twice, from the store and from the owner; a part of it never.
		expect(heartsOf(back, id).filter((hearts) => hearts !== 2)).toEqual([]);
	});

	it('that a restored store does not have leave open streams and histories', async () => {
		const { eu, us, video, id } = await commented();
		const { id: other } = await comment(eu, video, 'another');
		await expect.poll(() => heartsIn(us, video, other)).toBe(0);
		await likeComment(us, video, id);
		await likeComment(eu, video, id);
		await likeComment(eu, video, id);
		await eu.stop();
		const backup = testDirectory();
		cpSync(eu.dataDir, backup, { recursive: true });
		await eu.start();
		const stream = await EventStream.open(us, video);
		await stream.holds(video, 0);
		await likeComment(eu, video, id);
		await likeComment(eu, video, other);
		await stream.event('comment-likes', (event) => event.id === id && event.totals.heart === 4);
		await stream.event('comment-likes', (event) => event.id === other && event.totals.heart === 1);
		await eu.stop();
		rmSync(eu.dataDir, { recursive: true });
		cpSync(backup, eu.dataDir, { recursive: true });
		await markRestored({ dataDir: eu.dataDir, databaseUrl: '', region: 'eu' });
		await eu.start();
		await stream.until(() => heartsOf(stream, id).at(-1) === 3);
		await stream.until(() => heartsOf(stream, other).at(-1) === 0);
		for (const region of [eu, us]) {
			await expect.poll(() => heartsIn(region, video, id)).toBe(3);
			await expect.poll(() => heartsIn(region, video, other)).toBe(0);
		}
	});
});
