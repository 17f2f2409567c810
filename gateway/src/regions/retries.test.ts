import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { allComments, comment, deleteComment, postComment, textsOf } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { expectProblem, newVideo, postJson } from '../../test/http-client.ts';
import { type LinkedRegion, linkRegions } from '../../test/linked-regions.ts';

const HEALED_MS = 10_000;

/** Starts two regions, with a viewer of the same video in each. */
async function watched() {
	const regions = await linkRegions(['eu', 'us']);
	const [eu, us] = [regions.region('eu'), regions.region('us')];
	const video = newVideo();
	const viewers = await Promise.all([eu, us].map((region) => EventStream.open(region, video, { user: 'eva' })));
	for (const viewer of viewers) await viewer.holds(video, 0);
	return { regions, eu, us, video, viewers };
}

const seenBy = (viewer: EventStream) =>
	viewer.events.flatMap((event) => {
		if (event.name === 'comment') return [`${event.data.region} ${event.data.text}`];
		return event.name === 'comment-deleted' ? [`-${event.data.region} ${event.data.user}`] : [];
	});
const gapsOf = (viewer: EventStream) => viewer.events.filter(({ name }) => name === 'gap');

/** Waits until a region has this number of comments. */
const holds = (region: LinkedRegion, video: string, comments: number) =>
	expect.poll(async () => (await textsOf(region, video)).length, { timeout: HEALED_MS }).toBe(comments);

describe('a retry by another region', () => {
	it('of a comment or a deletion hides no later comment from viewers', async () => {
		const { eu, us, video, viewers } = await watched();
		const sent = Array.from({ length: 4 }, () => randomUUID());
		for (const id of sent) await comment(eu, video, `eu ${id}`, { id });
		await holds(us, video, 4);
		// A viewer that comes too late for a comment receives only its deletion.
		for (const viewer of viewers) await viewer.until(() => sent.every((id) => seenBy(viewer).includes(`eu eu ${id}`)));
		const [deleted = ''] = sent;
		expect(await (await deleteComment(eu, video, deleted)).json()).toEqual({ id: deleted, duplicate: false });
		await holds(us, video, 3);
		// The other region has all of these, but did not number them.
		for (const id of sent) expect((await postComment(us, video, `eu ${id}`, { id })).status).toBe(200);
		expect(await (await deleteComment(us, video, deleted)).json()).toEqual({ id: deleted, duplicate: true });
		const later = Array.from({ length: 8 }, (_, index) => `us ${index}`);
		for (const text of later) await comment(us, video, text);
		for (const viewer of viewers) {
			await viewer.until(() => later.every((text) => seenBy(viewer).includes(`us ${text}`)));
			const seen = seenBy(viewer);
			expect(seen.filter((one) => one === `us ${later[0]}`)).toHaveLength(1);
			for (const id of sent) expect(seen.filter((one) => one === `eu eu ${id}`)).toHaveLength(1);
			expect(seen.filter((one) => one === '-eu ann')).toHaveLength(1);
			expect(gapsOf(viewer)).toEqual([]);
		}
		for (const region of [eu, us]) await holds(region, video, 11);
		expect(await allComments(us, video)).toEqual(await allComments(eu, video));
	});

	it('is carried out in the region of the first try, which its query or body names', async () => {
		const { regions, eu, us, video } = await watched();
		const { id } = await comment(eu, video, 'wrong');
		for (const link of regions.links) link.shut();
		const path = (region: string) => `${paths.comment(video, id)}?region=${region}`;
		const headers = { 'X-Likewire-User': 'ann' };
		const refused = await fetch(us.url + path('eu'), { method: 'DELETE', headers });
		await expectProblem(refused, 503, 'node_unavailable');
		await expectProblem(await fetch(us.url + path('mars'), { method: 'DELETE', headers }), 400, 'unknown_region');
		const given = { id: randomUUID(), region: 'eu' };
		const likes = us.url + paths.commentLikes(video, id);
		await expectProblem(await postJson(likes, given, headers), 503, 'node_unavailable');
		const taken = `${us.url + paths.commentLike(video, id, given.id)}?region=eu`;
		await expectProblem(await fetch(taken, { method: 'DELETE', headers }), 503, 'node_unavailable');
		const ended = await postJson(us.url + paths.end(video), { region: 'eu' });
		await expectProblem(ended, 503, 'node_unavailable');
		for (const link of regions.links) link.open();
		expect(await (await fetch(eu.url + path('eu'), { method: 'DELETE', headers })).json()).toMatchObject({
			duplicate: false,
		});
		const again = async () =>
			(await (await fetch(us.url + path('eu'), { method: 'DELETE', headers })).json()) as unknown;
		await expect.poll(again, { timeout: HEALED_MS }).toEqual({ id, duplicate: true });
	});
});

describe('a comment with the id of a comment of another user in another region', () => {
	it('outlives the deletion of the other comment for viewers and in histories', async () => {
		const { regions, eu, us, video, viewers } = await watched();
		const id = randomUUID();
		for (const link of regions.links) link.shut();
		await comment(eu, video, 'of ann', { id });
		await comment(us, video, 'of eve', { id, user: 'eve' });
		for (const link of regions.links) link.open();
		for (const region of [eu, us]) await holds(region, video, 2);
		for (const region of [eu, us]) {
			expect((await postComment(region, video, 'of ann', { id })).status).toBe(200);
			await expectProblem(await postComment(region, video, 'x', { id, user: 'bob' }), 409, 'id_conflict');
			await expectProblem(await deleteComment(region, video, id, 'bob'), 403, 'forbidden');
		}
		expect((await deleteComment(eu, video, id, 'eve')).status).toBe(200);
		for (const viewer of viewers) await viewer.until(() => seenBy(viewer).includes('-us eve'));
		for (const region of [eu, us]) {
			await expect.poll(() => textsOf(region, video), { timeout: HEALED_MS }).toEqual(['of ann']);
		}
		const late = await EventStream.open(us, video, { user: 'eva' });
		await late.holds(video, 0);
		expect((await deleteComment(us, video, id, 'ann')).status).toBe(200);
		await late.until(() => seenBy(late).includes('-eu ann'));
		await holds(eu, video, 0);
	});

	it('conflicts once the region has the other comment', async () => {
		const { eu, us, video } = await watched();
		const { id } = await comment(eu, video, 'of ann');
		await holds(us, video, 1);
		await expectProblem(await postComment(us, video, 'of eve', { id, user: 'eve' }), 409, 'id_conflict');
		await expectProblem(await deleteComment(us, video, id, 'eve'), 403, 'forbidden');
	});
});
