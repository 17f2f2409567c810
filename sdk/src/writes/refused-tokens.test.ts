import { describe, expect, it } from 'vitest';
import { closeQueuesAfterEach, idsOf, likeWrite, problem } from '../../testing/queue-test.ts';
import { likeAnswer, type Post, type StreamServer } from '../../testing/stream-server.ts';

const { serve, located } = closeQueuesAfterEach();

describe('a like with a refused token', () => {
	const tokens = (server: StreamServer) => server.posts.map(({ headers }) => headers.authorization);

	it.each(['unauthorized', 'token_expired'])('is sent again with a fresh token: %s', async (code) => {
		const server = await serve((post, index) => {
			if (index === 0) post.answer(401, problem(code));
			else post.answer(201, likeAnswer(post));
		});
		let asked = 0;
		const like = likeWrite();
		await expect(located([server.url], async () => `t${asked++}`).push(like)).resolves.toMatchObject({ id: like.id });
		expect(tokens(server)).toEqual(['Bearer t0', 'Bearer t1']);
		expect(idsOf(server)).toEqual([like.id, like.id]);
	});

	it('shares one fresh token with all likes that were refused with it', async () => {
		const isUsed = ({ headers }: Post) => headers.authorization === 'Bearer t0';
		const server = await serve((post) => {
			if (isUsed(post)) post.answer(401, problem('token_expired'));
			else post.answer(201, likeAnswer(post));
		});
		let asked = 0;
		const queue = located([server.url], async () => `t${asked++}`);
		await Promise.all(Array.from({ length: 12 }, () => queue.push(likeWrite())));
		expect(asked).toBe(2);
		expect(tokens(server).filter((token) => token === 'Bearer t1')).toHaveLength(12);
	});

	it('rejects when the fresh token is refused, too', async () => {
		const server = await serve((post) => post.answer(401, problem('unauthorized')));
		let asked = 0;
		const rejected = located([server.url], async () => `t${asked++}`).push(likeWrite());
		await expect(rejected).rejects.toMatchObject({ code: 'unauthorized', retryable: false });
		expect(tokens(server)).toEqual(['Bearer t0', 'Bearer t1']);
	});

	it('rejects at once without another token', async () => {
		const server = await serve((post) => post.answer(401, problem('token_expired')));
		const rejected = located([server.url], 'the only one').push(likeWrite());
		await expect(rejected).rejects.toMatchObject({ code: 'token_expired', message: 'It is token_expired.' });
		expect(server.posts).toHaveLength(1);
	});

	it('rejects at once when the token does not allow it', async () => {
		const server = await serve((post) => post.answer(403, problem('forbidden')));
		const rejected = located([server.url], async () => 'token').push(likeWrite());
		await expect(rejected).rejects.toMatchObject({ code: 'forbidden' });
		expect(server.posts).toHaveLength(1);
	});
});
