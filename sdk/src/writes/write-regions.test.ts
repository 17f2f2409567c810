import { describe, expect, it, vi } from 'vitest';
import { closeQueuesAfterEach, likeWrite } from '../../testing/queue-test.ts';
import { eventually, likeAnswer, type Post, unusedUrl } from '../../testing/stream-server.ts';

const { closing, serve, unlocated } = closeQueuesAfterEach();

const unavailable = (post: Post, retryAfter: string) =>
	post.answer(503, { code: 'node_unavailable', detail: 'Later.' }, { 'Retry-After': retryAfter });

describe('the region of a like', () => {
	it('has to be known before the like is posted', async () => {
		const server = await serve((post) => post.answer(201, likeAnswer(post)));
		const queue = unlocated([server.url]);
		const like = likeWrite();
		const answer = queue.push(like);
		queue.resume();
		expect(like.onPost).not.toHaveBeenCalled();
		queue.locate('eu');
		await answer;
		expect(server.posts.map(({ body }) => body)).toEqual([{ id: like.id, type: 'heart', region: 'eu' }]);
	});

	it('stays the first one, at each address and in each region of the stream', async () => {
		const held: Post[] = [];
		const [eu, us] = [
			await serve((post) => held.push(post)),
			await serve((post) => post.answer(201, likeAnswer(post))),
		];
		const queue = unlocated([eu.url, us.url]);
		queue.locate('eu', 0);
		const [tried, next] = [likeWrite(), likeWrite()];
		const answer = queue.push(tried);
		await eventually(() => expect(held).toHaveLength(1));
		queue.locate('us', 1);
		await queue.push(next);
		held[0]?.cut();
		await answer;
		expect(us.posts.map(({ body }) => [body.id, body.region])).toEqual([
			[next.id, 'us'],
			[tried.id, 'eu'],
		]);
		expect(eu.posts).toHaveLength(1);
	});

	it('is in the query of a deletion, and stays the first one', async () => {
		const held: Post[] = [];
		const [eu, us] = [await serve((post) => held.push(post)), await serve((post) => post.answer(200, { id: 'c' }))];
		const queue = unlocated([eu.url, us.url]);
		queue.locate('eu', 0);
		const deletion = { method: 'DELETE' as const, path: '/v1/videos/v1/comments/c?user=ann' };
		const { body, ...write } = likeWrite(deletion);
		const answer = queue.push({ ...write, isAnswer: () => true });
		await eventually(() => expect(held).toHaveLength(1));
		queue.locate('us', 1);
		held[0]?.cut();
		await answer;
		for (const { posts } of [eu, us]) {
			expect(posts.map(({ query }) => query.toString())).toEqual(['user=ann&region=eu']);
		}
	});

	it('does not matter to a write that means the same in each region', async () => {
		const [eu, us] = [
			await serve((post) => unavailable(post, '300')),
			await serve((post) => post.answer(202, likeAnswer(post))),
		];
		const queue = unlocated([eu.url, us.url]);
		queue.locate('eu', 0);
		const answer = queue.push(likeWrite({ staysInRegion: false }));
		await eventually(() => expect(eu.posts).toHaveLength(1));
		queue.locate('us', 1);
		await answer;
		expect(us.posts[0]?.body).not.toHaveProperty('region');
	});

	it('does not delay writes of the same key in another region while it is unreachable', async () => {
		const us = await serve((post) => {
			if (post.body.region === 'us') post.answer(201, likeAnswer(post));
			else unavailable(post, '300');
		});
		const queue = unlocated([us.url]);
		queue.locate('eu');
		const [waits, goes] = [likeWrite({ key: 'v1' }), likeWrite({ key: 'v1' })];
		queue.push(waits).catch(() => {});
		await eventually(() => expect(us.posts).toHaveLength(1));
		queue.locate('us');
		await expect(queue.push(goes)).resolves.toMatchObject({ id: goes.id });
	});

	it('does not delay likes of another region while it is unreachable', async () => {
		let refused = 0;
		const us = await serve((post) => {
			if (post.body.region === 'us') post.answer(201, likeAnswer(post));
			else {
				refused++;
				unavailable(post, '300');
			}
		});
		const queue = unlocated([us.url]);
		queue.locate('eu');
		const waiting = Array.from({ length: 4 }, () => expect(queue.push(likeWrite())).rejects.toBeDefined());
		await eventually(() => expect(refused).toBe(4));
		queue.locate('us');
		await Promise.all(Array.from({ length: 10 }, () => queue.push(likeWrite())));
		queue.close();
		await Promise.all(waiting);
	});

	it('may refuse one like for long without longer waits for others, though an address is dead', async () => {
		const random = vi.spyOn(Math, 'random').mockReturnValue(1);
		closing.push(() => random.mockRestore());
		const us = await serve((post) => unavailable(post, '0'));
		const queue = unlocated([await unusedUrl(), us.url]);
		queue.locate('us');
		queue.push(likeWrite()).catch(() => {});
		// Waits that grow would add up to 15.5 s before these.
		await eventually(() => expect(us.posts.length).toBeGreaterThanOrEqual(6));
	});

	it('keeps a like at one address, where it counts once, when no stream will name one', async () => {
		const posts: Post[] = [];
		const [first, second] = [
			await serve((post, index) => {
				posts.push(post);
				if (index < 2) post.cut();
				else post.answer(201, likeAnswer(post));
			}),
			await serve((post) => post.answer(201, likeAnswer(post))),
		];
		const queue = unlocated([first.url, second.url]);
		queue.locate();
		const like = likeWrite();
		await queue.push(like);
		expect(posts.map(({ body }) => body)).toEqual(Array(3).fill({ id: like.id, type: 'heart' }));
		expect(second.posts).toEqual([]);
	});
});
