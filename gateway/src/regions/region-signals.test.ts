import { type LikeAnswer, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { comment, commentsPage, textsOf } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { like, newVideo, postJson } from '../../test/http-client.ts';
import { type LinkedRegion, linkRegions } from '../../test/linked-regions.ts';

const REGIONS = ['eu', 'us'] as const;
const CONVERSATION = 'c1';

const post = async (region: LinkedRegion, path: string, body: object, user = 'ann') => {
	const response = await postJson(region.url + path, body, { 'X-Likewire-User': user });
	expect(response.status).toBeLessThan(300);
	return response;
};
const follow = (region: LinkedRegion, query: string) => EventStream.openQuery(region, `${query}&user=eva`);

/** Both regions, and a viewer in each. */
async function followed(query: string) {
	const regions = await linkRegions(REGIONS);
	const [eu, us] = REGIONS.map((name) => regions.region(name)) as [LinkedRegion, LinkedRegion];
	const streams = await Promise.all([eu, us].map((region) => follow(region, query)));
	await Promise.all(streams.map((stream) => stream.hello()));
	// What is kept nowhere is told to those only who are known to follow.
	for (const region of [eu, us]) await expect.poll(async () => (await region.report()).rows).toBe(1);
	return { regions, eu, us, streams };
}

describe('what is said in one of two regions', () => {
	it('of a conversation, is told in both', async () => {
		const { eu, us, streams } = await followed(`conversation=${CONVERSATION}`);
		await post(eu, paths.typing(CONVERSATION), { typing: true });
		await post(us, paths.typing(CONVERSATION), { typing: true }, 'bob');
		await post(us, paths.receipts(CONVERSATION), { message: 'm1', state: 'delivered' });
		await post(eu, paths.receipts(CONVERSATION), { message: 'm1', state: 'read' }, 'bob');
		for (const stream of streams) {
			for (const user of ['ann', 'bob']) await stream.event('typing', (event) => event.user === user && event.typing);
			await stream.event('receipt', ({ user, state }) => user === 'ann' && state === 'delivered');
			await stream.event('receipt', ({ user, state }) => user === 'bob' && state === 'read');
		}
	});

	it('of who has read what, is kept in both: who comes later is told by either alone', async () => {
		const { regions, eu, us, streams } = await followed(`conversation=${CONVERSATION}`);
		await post(eu, paths.receipts(CONVERSATION), { message: 'm1', state: 'read' });
		await streams[1]?.event('receipt');
		for (const stream of streams) stream.close();
		for (const link of regions.links) link.shut();
		await us.stop();
		await us.start();
		const late = await follow(us, `conversation=${CONVERSATION}`);
		expect(await late.event('receipt')).toEqual({
			conversation: CONVERSATION,
			user: 'ann',
			message: 'm1',
			state: 'read',
		});
	});

	it('of a topic of a server, and under which name, is told in both', async () => {
		const { eu, streams } = await followed('topic=scores');
		for (const name of ['goal scored', 'constructor']) {
			await post(eu, paths.topicEvents('scores'), { name, data: { by: 'ann' }, class: 'signal' });
			for (const stream of streams) {
				const event = { topic: 'scores', name, data: { by: 'ann' }, at: expect.any(Number) };
				expect(await stream.event('custom', (told) => told.name === name)).toEqual(event);
			}
		}
	});

	it('of likes of a comment, is told in both with the sum', async () => {
		const video = newVideo();
		const { eu, us, streams } = await followed(`video=${video}`);
		const { id } = await comment(eu, video);
		await expect.poll(async () => (await textsOf(us, video)).length).toBe(1);
		await post(eu, paths.commentLikes(video, id), {});
		for (const stream of streams) await stream.event('comment-likes', ({ totals }) => totals.heart === 1);
		// The store of the other region knows it as soon as viewers do, and not only when it asks what changed.
		const likes = async () => (await commentsPage(us, video)).comments.map((one) => one.likes);
		await expect.poll(likes, { timeout: 5_000 }).toEqual([{ heart: 1 }]);
		const given = (await (await post(us, paths.commentLikes(video, id), {})).json()) as LikeAnswer;
		for (const stream of streams) {
			expect(await stream.event('comment-likes', ({ totals }) => totals.heart === 2)).toMatchObject({ video, id });
		}
		const path = us.url + paths.commentLike(video, id, given.id);
		await fetch(path, { method: 'DELETE', headers: { 'X-Likewire-User': 'ann' } });
		for (const stream of streams) {
			const told = () =>
				stream.events.flatMap((event) => (event.name === 'comment-likes' ? [event.data.totals.heart] : []));
			await stream.until(() => told().length > 2 && told().at(-1) === 1);
		}
	});

	it('of the end of a video, is told in both, with the totals of both', async () => {
		const video = newVideo();
		const { eu, us, streams } = await followed(`video=${video}`);
		await like(eu, video);
		await like(us, video);
		await Promise.all(streams.map((stream) => stream.holds(video, 2)));
		await post(us, paths.end(video), {});
		for (const stream of streams) expect(await stream.event('ended')).toEqual({ video, totals: { heart: 2 } });
	});
});
