import { describe, expect, it } from 'vitest';
import { closeQueuesAfterEach, tapWrite } from '../../testing/queue-test.ts';
import { batchAnswer, likeAnswer, type StreamServerOptions } from '../../testing/stream-server.ts';

const { serve, located } = closeQueuesAfterEach();

async function start(onPost: NonNullable<StreamServerOptions['onPost']>) {
	const server = await serve(onPost);
	return { server, queue: located([server.url]) };
}

const well: StreamServerOptions['onPost'] = (post) =>
	post.body.likes ? post.answer(200, batchAnswer(post)) : post.answer(201, likeAnswer(post));

describe('taps of a video', () => {
	it('go out at once when they come alone, and together when they come fast', async () => {
		const { server, queue } = await start(well);
		const taps = Array.from({ length: 100 }, () => tapWrite());
		const answers = await Promise.all(taps.map((tap) => queue.push(tap)));
		expect(answers.map(({ id, video, duplicate }) => [id, video, duplicate])).toEqual(
			taps.map(({ tap }) => [tap, 'v1', false]),
		);
		expect(server.posts.map(({ body }) => body)).toEqual([
			{ ...taps[0]?.body, region: 'eu' },
			{ likes: taps.slice(1).map(({ body }) => body), region: 'eu' },
		]);
	});

	it('fill no request beyond the limit of a gateway, and share none with another video', async () => {
		const { server, queue } = await start(well);
		const taps = [tapWrite('v0'), ...Array.from({ length: 250 }, (_, n) => tapWrite(n % 5 === 0 ? 'v2' : 'v1'))];
		await Promise.all(taps.map((tap) => queue.push(tap)));
		const sizes = server.posts.map(({ path, body }) => [path.split('/')[3], body.likes?.length]);
		expect(sizes.sort()).toEqual([
			['v0', undefined],
			['v1', 100],
			['v1', 100],
			['v2', 50],
		]);
	});

	it('go out without the position that the gateway refused, once, and keep those that it takes', async () => {
		const { server, queue } = await start((post) => {
			const { likes = [post.body] } = post.body as { likes?: { id: string; position?: number }[] };
			const isOld = ({ position = 9 }) => position < 9;
			if (likes.length > 1) {
				const outcomes = likes.map((like) =>
					isOld(like) ? { id: like.id, code: 'invalid_position' } : { id: like.id, type: 'heart', duplicate: false },
				);
				post.answer(200, { likes: outcomes, totals: { heart: 1 }, revision: 1 });
			} else if (likes.some(isOld)) post.answer(400, { code: 'invalid_position', detail: 'No.' });
			else post.answer(201, likeAnswer(post));
		});
		const place = (position: number) => {
			const like = tapWrite();
			return { ...like, body: { ...like.body, position } };
		};
		const taps = [place(1), place(2), place(9)];
		await Promise.all(taps.map((tap) => queue.push(tap)));
		const sent = server.posts.flatMap(({ body }) => body.likes ?? [body]) as { id: string; position?: number }[];
		const positions = taps.map(({ tap }) => sent.filter(({ id }) => id === tap).map(({ position }) => position));
		expect(positions).toEqual([[1, undefined], [2, undefined], [9]]);
	});

	it('succeed or fail one by one', async () => {
		let tries = 0;
		const { server, queue } = await start((post, index) => {
			if (index === 0) post.answer(201, likeAnswer(post));
			else if (tries++ === 0) {
				const [once, wrong, passing, good] = post.body.likes;
				const likes = [
					{ id: 'earlier', type: once.type, duplicate: true },
					{ id: wrong.id, code: 'id_conflict' },
					{ id: passing.id, code: 'store_unavailable' },
					{ id: good.id, type: good.type, duplicate: false },
				];
				post.answer(200, { likes, totals: { heart: 3 }, revision: 3 });
			} else well?.(post, index);
		});
		await queue.push(tapWrite());
		const taps = [tapWrite(), tapWrite(), tapWrite(), tapWrite()];
		const results = await Promise.allSettled(taps.map((tap) => queue.push(tap)));
		expect(results).toEqual([
			{ status: 'fulfilled', value: expect.objectContaining({ id: 'earlier', duplicate: true, revision: 3 }) },
			{ status: 'rejected', reason: expect.objectContaining({ code: 'id_conflict' }) },
			{ status: 'fulfilled', value: expect.objectContaining({ id: taps[2]?.tap }) },
			{ status: 'fulfilled', value: expect.objectContaining({ id: taps[3]?.tap, revision: 3 }) },
		]);
		expect(server.posts.at(-1)?.body).toEqual({ ...taps[2]?.body, region: 'eu' });
	});

	it('go out again, all with their ids, after an unexpected answer', async () => {
		const { server, queue } = await start((post, index) => {
			if (index === 1) post.answer(200, { likes: [], totals: {}, revision: 1 });
			else well?.(post, index);
		});
		await queue.push(tapWrite());
		const taps = [tapWrite(), tapWrite()];
		await Promise.all(taps.map((tap) => queue.push(tap)));
		expect(server.posts[2]?.body).toEqual(server.posts[1]?.body);
	});

	it('do not gather when the user leaves the page', async () => {
		const { server, queue } = await start(() => {});
		const taps = Array.from({ length: 3 }, () => tapWrite());
		for (const one of taps) void queue.push(one).catch(() => {});
		queue.flush();
		await expect.poll(() => server.posts.length).toBe(2);
		expect(server.posts[1]?.body.likes).toHaveLength(2);
	});
});
