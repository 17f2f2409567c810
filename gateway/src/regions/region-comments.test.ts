import { randomUUID } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { type LikeAnswer, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { allComments, comment, deleteComment, postComment, textsOf } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { expectProblem, newVideo, postJson, postLike } from '../../test/http-client.ts';
import { type LinkedRegion, type LinkedRegions, linkRegions } from '../../test/linked-regions.ts';
import { testDirectory } from '../../test/temporary-directory.ts';
import { markRestored } from '../store/open/mark-restored.ts';

const REGIONS = ['eu', 'us'] as const;

/** The longest time from the repair of a link until both regions agree, in milliseconds. */
const HEALED_MS = 5_000;

async function linked() {
	const regions = await linkRegions(REGIONS, { reactions: 'heart,wow:once' });
	return { regions, eu: regions.region('eu'), us: regions.region('us') };
}

/** Waits until both regions have exactly these texts, in the same order. */
async function expectBoth({ eu, us }: { eu: LinkedRegion; us: LinkedRegion }, video: string, texts: readonly string[]) {
	const sorted = [...texts].sort();
	for (const region of [eu, us]) {
		await expect.poll(async () => (await textsOf(region, video)).sort(), { timeout: HEALED_MS }).toEqual(sorted);
	}
	expect(await allComments(us, video)).toEqual(await allComments(eu, video));
}

const end = (region: LinkedRegion, video: string) => fetch(region.url + paths.end(video), { method: 'POST' });
const likeComment = (region: LinkedRegion, video: string, id: string, body: object = {}, user = 'ann') =>
	postJson(region.url + paths.commentLikes(video, id), body, { 'X-Likewire-User': user });

function forEachLink(regions: LinkedRegions, act: 'shut' | 'open'): void {
	for (const link of regions.links) link[act]();
}

describe('comments in two regions', () => {
	it('are in the history of both regions, with their answers', async () => {
		const both = await linked();
		const video = newVideo();
		const texts: string[] = [];
		for (let count = 0; count < 10; count++) {
			texts.push(`comment ${count}`);
			await comment(count % 2 === 0 ? both.eu : both.us, video, `comment ${count}`);
		}
		await expectBoth(both, video, texts);
		const parent = (await allComments(both.us, video)).find(({ text }) => text === 'comment 0');
		const answer = await comment(both.us, video, 'answer', { parent: parent?.id ?? '' });
		await expectBoth(both, video, [...texts, 'answer']);
		await expectProblem(await postComment(both.eu, video, 'x', { parent: answer.id }), 400, 'invalid_parent');
	});

	it('are stored in the region of their first try, whichever region gets the retry', async () => {
		const both = await linked();
		const [video, id] = [newVideo(), randomUUID()];
		const options = { id, region: 'eu' };
		expect((await postComment(both.us, video, 'hello', options)).status).toBe(201);
		expect((await postComment(both.us, video, 'hello', options)).status).toBe(200);
		expect((await postComment(both.eu, video, 'hello', options)).status).toBe(200);
		await expectBoth(both, video, ['hello']);
		await expectProblem(await postComment(both.eu, video, 'x', { region: 'mars' }), 400, 'unknown_region');
	});

	it('are deleted by either region, and leave both', async () => {
		const both = await linked();
		const video = newVideo();
		const { id } = await comment(both.eu, video, 'wrong');
		await comment(both.eu, video, 'right');
		await expectBoth(both, video, ['right', 'wrong']);
		await expectProblem(await deleteComment(both.us, video, id, 'bob'), 403, 'forbidden');
		expect((await deleteComment(both.us, video, id)).status).toBe(200);
		await expectBoth(both, video, ['right']);
		expect((await deleteComment(both.eu, video, id)).status).toBe(200);
	});

	it('accept answers, likes and deletions in the other region once a viewer there received them', async () => {
		const both = await linked();
		const { eu, us } = both;
		const video = newVideo();
		const viewer = await EventStream.open(us, video);
		await viewer.event('cursor');
		for (let round = 0; round < 10; round++) {
			const { id } = await comment(eu, video, `comment ${round}`);
			await viewer.event('comment', (event) => event.id === id);
			const [answered, liked] = await Promise.all([
				postComment(us, video, `answer ${round}`, { parent: id }),
				likeComment(us, video, id),
			]);
			expect([answered.status, liked.status]).toEqual([201, 201]);
			const wrong = await comment(eu, video, 'wrong');
			await viewer.event('comment', (event) => event.id === wrong.id);
			expect((await deleteComment(us, video, wrong.id)).status).toBe(200);
		}
		const rounds = Array.from({ length: 10 }, (_, round) => [`comment ${round}`, `answer ${round}`]).flat();
		await expect.poll(async () => (await textsOf(eu, video)).sort(), { timeout: HEALED_MS }).toEqual(rounds.sort());
	});

	it('are not found in the other region while the links are cut', async () => {
		const { regions, eu, us } = await linked();
		const video = newVideo();
		forEachLink(regions, 'shut');
		const { id } = await comment(eu, video);
		const [answered, liked, deleted] = await Promise.all([
			postComment(us, video, 'answer', { parent: id }),
			likeComment(us, video, id),
			deleteComment(us, video, id),
		]);
		await expectProblem(answered, 404, 'parent_not_found');
		for (const response of [liked, deleted]) await expectProblem(response, 404, 'comment_not_found');
	});

	it('take likes in both regions, and each counts its own at once', async () => {
		const { eu, us } = await linked();
		const video = newVideo();
		const { id } = await comment(eu, video);
		await expect.poll(async () => (await textsOf(us, video)).length).toBe(1);
		for (const region of [eu, us, us]) expect((await likeComment(region, video, id)).status).toBe(201);
		for (const user of ['ann', 'bob', 'cem', 'dee']) {
			const statuses = await Promise.all(
				[eu, us].map(async (region) => (await likeComment(region, video, id, { type: 'wow' }, user)).status),
			);
			expect(statuses.sort()).toEqual([200, 201]);
		}
		const given = (await (await likeComment(eu, video, id)).json()) as LikeAnswer;
		const path = us.url + paths.commentLike(video, id, given.id);
		expect((await fetch(path, { method: 'DELETE', headers: { 'X-Likewire-User': 'ann' } })).status).toBe(200);
		// A region counts its own likes at once; the other receives them with its next sync.
		const hearts = async (region: LinkedRegion) => (await allComments(region, video))[0]?.likes?.heart;
		expect(await hearts(eu)).toBeGreaterThanOrEqual(1);
		expect(await hearts(us)).toBeGreaterThanOrEqual(2);
	});

	it('end with their video in both regions, whichever region ended it', async () => {
		const { eu, us } = await linked();
		const video = newVideo();
		await comment(eu, video);
		expect((await end(us, video)).status).toBe(202);
		await expect.poll(async () => (await postComment(eu, video, 'late')).status).toBe(409);
		await expectProblem(await postLike(eu, video), 409, 'video_ended');
	});
});

describe('while the link of two regions is cut', () => {
	it('both regions take comments, and both have all within 5 s after its repair', async () => {
		const both = await linked();
		const { regions, eu, us } = both;
		const video = newVideo();
		const { id } = await comment(eu, video, 'deleted');
		await comment(eu, video, 'before');
		await expectBoth(both, video, ['before', 'deleted']);
		forEachLink(regions, 'shut');
		// More comments than wait for a region: a backfill brings the rest.
		const texts = Array.from({ length: 600 }, (_, index) => `${index}`);
		for (let index = 0; index < texts.length; index += 50) {
			const some = texts.slice(index, index + 50);
			await Promise.all(some.map((text) => comment(index % 100 === 0 ? eu : us, video, text)));
		}
		await deleteComment(us, video, id);
		forEachLink(regions, 'open');
		await expectBoth(both, video, ['before', ...texts]);
	});

	it('a region refuses a comment with its first try in the other region, which is stored once later', async () => {
		const both = await linked();
		const { regions, eu } = both;
		const video = newVideo();
		forEachLink(regions, 'shut');
		const refused = await postComment(eu, video, 'hello', { region: 'us' });
		const id = refused.headers.get('idempotency-key') ?? '';
		expect(refused.headers.get('retry-after')).toBe('1');
		await expectProblem(refused, 503, 'node_unavailable');
		forEachLink(regions, 'open');
		await expect
			.poll(async () => (await postComment(eu, video, 'hello', { id, region: 'us' })).status)
			.toBeLessThan(300);
		await expectBoth(both, video, ['hello']);
	});
});

describe('a region', () => {
	it('that was down syncs the logs of that time', async () => {
		const both = await linked();
		const { eu, us } = both;
		await us.stop();
		const videos = Array.from({ length: 30 }, () => newVideo());
		for (const video of videos) {
			await Promise.all(Array.from({ length: 5 }, (_, index) => comment(eu, video, `${index}`)));
		}
		await us.start();
		for (const video of videos) await expectBoth(both, video, ['0', '1', '2', '3', '4']);
	});

	it('whose store is restored from a backup makes the others drop comments that the backup does not have', async () => {
		const both = await linked();
		const { eu, us } = both;
		const [video, later, backup] = [newVideo(), newVideo(), testDirectory()];
		await comment(eu, video, 'kept');
		await comment(us, video, 'of us');
		await expectBoth(both, video, ['kept', 'of us']);
		await eu.stop();
		cpSync(eu.dataDir, backup, { recursive: true });
		await eu.start();
		for (const lost of [video, later]) await comment(eu, lost, 'lost');
		await expectBoth(both, video, ['kept', 'lost', 'of us']);
		await expectBoth(both, later, ['lost']);
		await eu.stop();
		rmSync(eu.dataDir, { recursive: true });
		cpSync(backup, eu.dataDir, { recursive: true });
		await markRestored({ dataDir: eu.dataDir, databaseUrl: '', region: 'eu' });
		await eu.start();
		await expectBoth(both, video, ['kept', 'of us']);
		await expectBoth(both, later, []);
		await comment(eu, video, 'new');
		await expectBoth(both, video, ['kept', 'new', 'of us']);
	});
});
