import { describe, expect, it } from 'vitest';
import { closeQueuesAfterEach, idsOf, likeWrite, problem, tapWrite } from '../../testing/queue-test.ts';
import { eventually, likeAnswer, type Post, unusedUrl } from '../../testing/stream-server.ts';

const { closing, serve, located } = closeQueuesAfterEach();

describe('createWriteQueue', () => {
	it('posts a like and returns the answer', async () => {
		const server = await serve((post) => post.answer(201, likeAnswer(post, 7)));
		const like = tapWrite('v7', 'clap');
		const answer = await located([server.url]).push(like);
		expect(answer).toMatchObject({ id: like.tap, type: 'clap', revision: 7, duplicate: false });
		expect(server.posts[0]).toMatchObject({ path: '/v1/videos/v7/likes', body: like.body });
		expect(server.posts[0]?.headers).toMatchObject({ 'x-likewire-user': 'me', 'content-type': 'application/json' });
	});

	it.each<[string, (post: Post) => void]>([
		['the connection breaks', (post) => post.cut()],
		['the answer is 408', (post) => post.answer(408, problem('request_timeout'))],
		['the answer is 429', (post) => post.answer(429, 'slow down')],
		['the answer is 500', (post) => post.answer(500, problem('internal_error'))],
		['the answer is 503 from a proxy', (post) => post.answer(503, '<h1>Bad gateway</h1>')],
		['a captive portal says 200', (post) => post.answer(200, '<h1>Welcome</h1>')],
		['a 200 is no answer to a like', (post) => post.answer(200, { ok: true })],
	])('sends the same id again when %s', async (_, fail) => {
		const server = await serve((post, index) => (index === 0 ? fail(post) : post.answer(200, likeAnswer(post))));
		const like = likeWrite();
		await located([server.url]).push(like);
		expect(idsOf(server)).toEqual([like.id, like.id]);
		expect(like.onPost).toHaveBeenCalledTimes(2);
	});

	it.each<[number, string]>([
		[400, 'unknown_reaction'],
		[403, 'forbidden'],
		[409, 'id_conflict'],
		[413, 'body_too_large'],
	])('rejects with the code of a %d', async (status, code) => {
		const server = await serve((post) => post.answer(status, problem(code)));
		const rejected = located([server.url]).push(likeWrite());
		await expect(rejected).rejects.toMatchObject({ name: 'LikewireError', code, message: `It is ${code}.` });
		expect(server.posts).toHaveLength(1);
	});

	it('rejects with unexpected_answer when the server is no gateway', async () => {
		const server = await serve((post) => post.answer(404, '<h1>Not found</h1>'));
		const rejected = located([server.url]).push(likeWrite());
		await expect(rejected).rejects.toMatchObject({ code: 'unexpected_answer', retryable: false });
	});

	it('moves on to the next gateway when one is down', async () => {
		const server = await serve((post) => post.answer(201, likeAnswer(post)));
		await expect(located([await unusedUrl(), server.url]).push(likeWrite())).resolves.toBeDefined();
	});

	it.each([
		[503, 'overloaded'],
		[429, 'too_many_requests'],
	])(
		'retries after %d when the gateway asked it to, and no sooner when the network is back: %s',
		async (status, code) => {
			let refusedAt = 0;
			let answeredAt = 0;
			const server = await serve((post, index) => {
				if (index === 0) {
					refusedAt = Date.now();
					post.answer(status, problem(code), { 'Retry-After': '1' });
				} else {
					answeredAt = Date.now();
					post.answer(201, likeAnswer(post));
				}
			});
			const queue = located([server.url]);
			const answer = queue.push(likeWrite());
			await eventually(() => expect(refusedAt).toBeGreaterThan(0));
			const timer = setInterval(queue.resume, 10);
			closing.push(() => clearInterval(timer));
			await answer;
			expect(answeredAt - refusedAt).toBeGreaterThanOrEqual(990);
		},
	);

	it('has at most 4 posts in flight, and gets all likes through', async () => {
		const held: Post[] = [];
		const server = await serve((post) => held.push(post));
		const queue = located([server.url]);
		const likes = Array.from({ length: 20 }, () => likeWrite());
		const answers = Promise.all(likes.map((like) => queue.push(like)));
		for (let answered = 0; answered < 20; answered++) {
			const expected = Math.min(4, 20 - answered);
			await eventually(() => expect(held).toHaveLength(expected));
			const post = held.shift();
			post?.answer(201, likeAnswer(post));
		}
		await answers;
		expect(idsOf(server).sort()).toEqual(likes.map(({ id }) => id).sort());
	});

	it('delivers likes from while the gateway was down, each once', async () => {
		const url = await unusedUrl();
		const queue = located([url]);
		const likes = Array.from({ length: 10 }, () => likeWrite());
		const answers = likes.map((like) => queue.push(like));
		await eventually(() =>
			expect(likes.filter(({ onPost }) => onPost.mock.calls.length > 0).length).toBeGreaterThan(4),
		);
		const server = await serve((post) => post.answer(201, likeAnswer(post)), Number(new URL(url).port));
		queue.resume();
		await Promise.all(answers);
		expect(idsOf(server).sort()).toEqual(likes.map(({ id }) => id).sort());
	});

	it('does not let one like that always fails delay the others', async () => {
		const bad = likeWrite();
		const server = await serve((post) => {
			if (post.body.id === bad.id) post.answer(500, problem('internal_error'));
			else post.answer(201, likeAnswer(post));
		});
		const queue = located([server.url]);
		const rejected = expect(queue.push(bad)).rejects.toMatchObject({ code: 'closed' });
		await Promise.all(Array.from({ length: 20 }, () => queue.push(likeWrite())));
		queue.close();
		await rejected;
	});

	it('refuses the 1,001st pending like, and takes more after an answer', async () => {
		const held: Post[] = [];
		const server = await serve((post) => held.push(post));
		const queue = located([server.url]);
		const answers = Array.from({ length: 1000 }, () => queue.push(likeWrite()));
		for (const answer of answers.slice(1)) answer.catch(() => {});
		expect(() => queue.push(likeWrite())).toThrow(expect.objectContaining({ code: 'queue_full', retryable: true }));
		await eventually(() => expect(held).toHaveLength(4));
		for (const post of held) post.answer(201, likeAnswer(post));
		await answers[0];
		queue.push(likeWrite()).catch(() => {});
	});

	it('sends writes of one key one after the other, in order, also through failures', async () => {
		const server = await serve((post, index) => {
			if (index === 0) post.cut();
			else post.answer(201, likeAnswer(post));
		});
		const queue = located([server.url]);
		const writes = Array.from({ length: 8 }, () => likeWrite({ key: 'talk' }));
		await Promise.all(writes.map((write) => queue.push(write)));
		expect(idsOf(server)).toEqual([writes[0], ...writes].map((write) => write?.id));
	});

	it('sends writes of another key in parallel', async () => {
		const held: Post[] = [];
		const server = await serve((post) => held.push(post));
		const queue = located([server.url]);
		const writes = ['a', 'a', 'b'].map((key) => likeWrite({ key }));
		for (const write of writes) queue.push(write).catch(() => {});
		await eventually(() => expect(idsOf(server)).toEqual([writes[0]?.id, writes[2]?.id]));
	});

	it('sends only the newest of pending writes with onlyNewest, and answers all with its answer', async () => {
		const held: Post[] = [];
		const server = await serve((post) => held.push(post));
		const queue = located([server.url]);
		const writes = Array.from({ length: 5 }, () => likeWrite({ key: 'read', onlyNewest: true }));
		const answers = Promise.all(writes.map((write) => queue.push(write)));
		await eventually(() => expect(held).toHaveLength(1));
		held[0]?.answer(200, likeAnswer(held[0]));
		await eventually(() => expect(held).toHaveLength(2));
		held[1]?.answer(200, likeAnswer(held[1]));
		const [first, newest] = [writes[0]?.id, writes[4]?.id];
		expect((await answers).map(({ id }) => id)).toEqual([first, newest, newest, newest, newest]);
		expect(idsOf(server)).toEqual([first, newest]);
	});

	it('sends a DELETE without a body', async () => {
		const server = await serve((post) => post.answer(200, { id: 'x' }));
		await located([server.url]).push({ method: 'DELETE', path: '/x', isAnswer: () => true });
		expect(server.posts[0]).toMatchObject({ method: 'DELETE', path: '/x', body: undefined });
	});

	it('rejects all pending writes when it closes, and all later ones', async () => {
		const server = await serve(() => {});
		const queue = located([server.url]);
		const answers = Array.from({ length: 10 }, () => queue.push(likeWrite()));
		await eventually(() => expect(server.posts).toHaveLength(4));
		const settled = Promise.allSettled(answers);
		queue.close();
		queue.close();
		for (const result of await settled) {
			expect(result).toMatchObject({ status: 'rejected', reason: { code: 'closed', retryable: false } });
		}
		expect(() => queue.push(likeWrite())).toThrow(expect.objectContaining({ code: 'closed' }));
	});

	it('asks for a token until it gets one, and keeps it', async () => {
		const server = await serve((post, index) => {
			if (index === 0) post.answer(500, problem('internal_error'));
			else post.answer(201, likeAnswer(post));
		});
		let asked = 0;
		const token = async () => {
			if (asked++ === 0) throw new Error('offline');
			return `t${asked}`;
		};
		await located([server.url], token).push(likeWrite());
		expect(server.posts.map(({ headers }) => headers.authorization)).toEqual(['Bearer t2', 'Bearer t2']);
		expect(server.posts[0]?.headers).not.toHaveProperty('x-likewire-user');
	});
});
