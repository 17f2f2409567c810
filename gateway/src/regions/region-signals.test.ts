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

/** Starts two regions, with a viewer in each. */
async function followed(query: string) {
	const regions = await linkRegions(REGIONS);
	const [eu, us] = REGIONS.map((name) => regions.region(name)) as [LinkedRegion, LinkedRegion];
	const streams = await Promise.all([eu, us].map((region) => follow(region, query)));
	await Promise.all(streams.map((stream) => stream.hello()));
	// An owner sends signals, which no store keeps, only to the frontends in its table.
	for (const region of [eu, us]) await expect.poll(async () => (await region.report()).rows).toBe(1);
	return { regions, eu, us, streams };
}

describe('two regions', () => {
	it('send typing and receipts of either region to the viewers of both', async () => {
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

	it('both store receipts, so that a later viewer gets them from either region', async () => {
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

	it('send custom events, of any name, to the viewers of both', async () => {
		const { eu, streams } = await followed('topic=scores');
		for (const name of ['goal scored', 'constructor']) {
			await post(eu, paths.topicEvents('scores'), { name, data: { by: 'ann' }, class: 'signal' });
			for (const stream of streams) {
				const event = { topic: 'scores', name, data: { by: 'ann' }, at: expect.any(Number) };
				expect(await stream.event('custom', (received) => received.name === name)).toEqual(event);
			}
		}
	});

	it('send the sum of the likes of a comment to the viewers of both', async () => {
		const video = newVideo();
		const { regions, eu, us, streams } = await followed(`video=${video}`);
		const { id } = await comment(eu, video);
		await expect.poll(async () => (await textsOf(us, video)).length).toBe(1);
		// Without this link the region cannot sync.
		regions.link('us', 'eu').shut();
		await post(eu, paths.commentLikes(video, id), {});
		for (const stream of streams) await stream.event('comment-likes', ({ totals }) => totals.heart === 1);
		// The store of the other region has it as soon as viewers do, and does not wait for the next sync.
		const likes = async () => (await commentsPage(us, video)).comments.map((one) => one.likes);
		await expect.poll(likes).toEqual([{ heart: 1 }]);
		regions.link('us', 'eu').open();
		const given = (await (await post(us, paths.commentLikes(video, id), {})).json()) as LikeAnswer;
		for (const stream of streams) {
			expect(await stream.event('comment-likes', ({ totals }) => totals.heart === 2)).toMatchObject({ video, id });
		}
		const path = us.url + paths.commentLike(video, id, given.id);
		await fetch(path, { method: 'DELETE', headers: { 'X-Likewire-User': 'ann' } });
		for (const stream of streams) {
			const received = () =>
				stream.events.flatMap((event) => (event.name === 'comment-likes' ? [event.data.totals.heart] : []));
			await stream.until(() => received().length > 2 && received().at(-1) === 1);
		}
	});

	it('send the end of a video, with the totals of both regions, to the viewers of both', async () => {
		const video = newVideo();
		const { eu, us, streams } = await followed(`video=${video}`);
		await like(eu, video);
		await like(us, video);
		await Promise.all(streams.map((stream) => stream.holds(video, 2)));
		await post(us, paths.end(video), {});
		for (const stream of streams) expect(await stream.event('ended')).toEqual({ video, totals: { heart: 2 } });
	});
});
