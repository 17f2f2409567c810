import { type LikeAnswer, uuid } from '@likewire/protocol';
import { describe, expect, it, vi } from 'vitest';
import { type ClosableQueue, createClosableQueue } from '../../testing/closable-queue.ts';
import {
	cleanUpAfterEach,
	eventually,
	likeAnswer,
	type Post,
	type StreamServer,
	type StreamServerOptions,
	unusedUrl,
} from '../../testing/stream-server.ts';
import { createIdentity } from '../identity.ts';
import { parseRetryAfter } from '../refusal.ts';

import type { Write } from './write.ts';

const { closing, serve: start } = cleanUpAfterEach();

function serve(onPost: StreamServerOptions['onPost'], port = 0): Promise<StreamServer> {
	return start({ ...(onPost && { onPost }), port });
}

function queueTo(...urls: [string, ...string[]]): ClosableQueue {
	const queue = createClosableQueue(urls, createIdentity({ token: undefined, user: 'me' }));
	closing.push(queue.close);
	queue.locate('eu');
	return queue;
}

function request(type = 'heart', change: Pick<Partial<Write<LikeAnswer>>, 'key' | 'onlyNewest'> = {}) {
	const id = uuid();
	return {
		id,
		path: '/v1/videos/v1/likes',
		body: { id, type },
		staysInRegion: true,
		onPost: vi.fn(),
		isAnswer: (answer: Partial<LikeAnswer>) => answer.id !== undefined,
		...change,
	};
}

const ids = (server: StreamServer) => server.posts.map(({ body }) => body.id);
const problem = (code: string) => ({ type: 'about:blank', title: 't', status: 0, code, detail: `It is ${code}.` });

describe('the queue of writes', () => {
	it('posts a like and gives the answer', async () => {
		const server = await serve((post) => post.answer(201, likeAnswer(post, 7)));
		const like = request('clap');
		const answer = await queueTo(server.url).push(like);
		expect(answer).toMatchObject({ id: like.id, type: 'clap', revision: 7, duplicate: false });
		expect(server.posts[0]).toMatchObject({ path: '/v1/videos/v1/likes', body: { id: like.id, type: 'clap' } });
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
		const like = request();
		await queueTo(server.url).push(like);
		expect(ids(server)).toEqual([like.id, like.id]);
		expect(like.onPost).toHaveBeenCalledTimes(2);
	});

	it.each<[number, string]>([
		[400, 'unknown_reaction'],
		[403, 'forbidden'],
		[409, 'id_conflict'],
		[413, 'body_too_large'],
	])('rejects with the code of a %d', async (status, code) => {
		const server = await serve((post) => post.answer(status, problem(code)));
		const rejected = queueTo(server.url).push(request());
		await expect(rejected).rejects.toMatchObject({ name: 'LikewireError', code, message: `It is ${code}.` });
		expect(server.posts).toHaveLength(1);
	});

	it('says so when what answers is no gateway', async () => {
		const server = await serve((post) => post.answer(404, '<h1>Not found</h1>'));
		const rejected = queueTo(server.url).push(request());
		await expect(rejected).rejects.toMatchObject({ code: 'unexpected_answer', retryable: false });
	});

	it('goes on to the next gateway when one is not there', async () => {
		const server = await serve((post) => post.answer(201, likeAnswer(post)));
		await expect(queueTo(await unusedUrl(), server.url).push(request())).resolves.toBeDefined();
	});

	it.each([
		[503, 'overloaded'],
		[429, 'too_many_requests'],
	])(
		'after %d comes back when the gateway asked it to, and not for a network that is back: %s',
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
			const queue = queueTo(server.url);
			const answer = queue.push(request());
			await eventually(() => expect(refusedAt).toBeGreaterThan(0));
			const timer = setInterval(queue.resume, 10);
			closing.push(() => clearInterval(timer));
			await answer;
			expect(answeredAt - refusedAt).toBeGreaterThanOrEqual(990);
		},
	);

	it('has at most four posts under way, and brings all likes through', async () => {
		const held: Post[] = [];
		const server = await serve((post) => held.push(post));
		const queue = queueTo(server.url);
		const likes = Array.from({ length: 20 }, () => request());
		const answers = Promise.all(likes.map((like) => queue.push(like)));
		for (let answered = 0; answered < 20; answered++) {
			const expected = Math.min(4, 20 - answered);
			await eventually(() => expect(held).toHaveLength(expected));
			const post = held.shift();
			post?.answer(201, likeAnswer(post));
		}
		await answers;
		expect(ids(server).sort()).toEqual(likes.map(({ id }) => id).sort());
	});

	it('delivers what was liked while the gateway was down, each once', async () => {
		const url = await unusedUrl();
		const queue = queueTo(url);
		const likes = Array.from({ length: 10 }, () => request());
		const answers = likes.map((like) => queue.push(like));
		await eventually(() =>
			expect(likes.filter(({ onPost }) => onPost.mock.calls.length > 0).length).toBeGreaterThan(4),
		);
		const server = await serve((post) => post.answer(201, likeAnswer(post)), Number(new URL(url).port));
		queue.resume();
		await Promise.all(answers);
		expect(ids(server).sort()).toEqual(likes.map(({ id }) => id).sort());
	});

	it('does not let one like that always fails keep the others waiting', async () => {
		const bad = request();
		const server = await serve((post) => {
			if (post.body.id === bad.id) post.answer(500, problem('internal_error'));
			else post.answer(201, likeAnswer(post));
		});
		const queue = queueTo(server.url);
		const rejected = expect(queue.push(bad)).rejects.toMatchObject({ code: 'closed' });
		await Promise.all(Array.from({ length: 20 }, () => queue.push(request())));
		queue.close();
		await rejected;
	});

	it('refuses the 1,001st like that would wait, and takes more when there is room', async () => {
		const held: Post[] = [];
		const server = await serve((post) => held.push(post));
		const queue = queueTo(server.url);
		const answers = Array.from({ length: 1000 }, () => queue.push(request()));
		for (const answer of answers.slice(1)) answer.catch(() => {});
		expect(() => queue.push(request())).toThrow(expect.objectContaining({ code: 'queue_full', retryable: true }));
		await eventually(() => expect(held).toHaveLength(4));
		for (const post of held) post.answer(201, likeAnswer(post));
		await answers[0];
		queue.push(request()).catch(() => {});
	});

	it('sends those of one key one after the other, in order, through failures too', async () => {
		const server = await serve((post, index) => {
			if (index === 0) post.cut();
			else post.answer(201, likeAnswer(post));
		});
		const queue = queueTo(server.url);
		const writes = Array.from({ length: 8 }, () => request('heart', { key: 'talk' }));
		await Promise.all(writes.map((write) => queue.push(write)));
		expect(ids(server)).toEqual([writes[0], ...writes].map((write) => write?.id));
	});

	it('sends those of another key meanwhile', async () => {
		const held: Post[] = [];
		const server = await serve((post) => held.push(post));
		const queue = queueTo(server.url);
		const writes = ['a', 'a', 'b'].map((key) => request('heart', { key }));
		for (const write of writes) queue.push(write).catch(() => {});
		await eventually(() => expect(ids(server)).toEqual([writes[0]?.id, writes[2]?.id]));
	});

	it('sends of those that only the newest counts of no other, and answers all with it', async () => {
		const held: Post[] = [];
		const server = await serve((post) => held.push(post));
		const queue = queueTo(server.url);
		const writes = Array.from({ length: 5 }, () => request('heart', { key: 'read', onlyNewest: true }));
		const answers = Promise.all(writes.map((write) => queue.push(write)));
		await eventually(() => expect(held).toHaveLength(1));
		held[0]?.answer(200, likeAnswer(held[0]));
		await eventually(() => expect(held).toHaveLength(2));
		held[1]?.answer(200, likeAnswer(held[1]));
		const [first, newest] = [writes[0]?.id, writes[4]?.id];
		expect((await answers).map(({ id }) => id)).toEqual([first, newest, newest, newest, newest]);
		expect(ids(server)).toEqual([first, newest]);
	});

	it('can delete, with no body', async () => {
		const server = await serve((post) => post.answer(200, { id: 'x' }));
		await queueTo(server.url).push({ method: 'DELETE', path: '/x', isAnswer: () => true });
		expect(server.posts[0]).toMatchObject({ method: 'DELETE', path: '/x', body: undefined });
	});

	it('rejects all that waits when it is closed, and everything after', async () => {
		const server = await serve(() => {});
		const queue = queueTo(server.url);
		const answers = Array.from({ length: 10 }, () => queue.push(request()));
		await eventually(() => expect(server.posts).toHaveLength(4));
		const settled = Promise.allSettled(answers);
		queue.close();
		queue.close();
		for (const result of await settled) {
			expect(result).toMatchObject({ status: 'rejected', reason: { code: 'closed', retryable: false } });
		}
		expect(() => queue.push(request())).toThrow(expect.objectContaining({ code: 'closed' }));
	});

	it('asks for a token until there is one, and keeps it', async () => {
		const server = await serve((post, index) => {
			if (index === 0) post.answer(500, problem('internal_error'));
			else post.answer(201, likeAnswer(post));
		});
		let asked = 0;
		const token = async () => {
			if (asked++ === 0) throw new Error('offline');
			return `t${asked}`;
		};
		const queue = createClosableQueue([server.url], createIdentity({ token, user: 'ignored' }));
		closing.push(queue.close);
		queue.locate('eu');
		await queue.push(request());
		expect(server.posts.map(({ headers }) => headers.authorization)).toEqual(['Bearer t2', 'Bearer t2']);
		expect(server.posts[0]?.headers).not.toHaveProperty('x-likewire-user');
	});
});

describe('a like whose token is refused', () => {
	function queueWith(url: string, token: string | (() => Promise<string>)): ClosableQueue {
		const queue = createClosableQueue([url], createIdentity({ token, user: undefined }));
		closing.push(queue.close);
		queue.locate('eu');
		return queue;
	}

	const tokens = (server: StreamServer) => server.posts.map(({ headers }) => headers.authorization);

	it.each(['unauthorized', 'token_expired'])('goes out again with a fresh one: %s', async (code) => {
		const server = await serve((post, index) => {
			if (index === 0) post.answer(401, problem(code));
			else post.answer(201, likeAnswer(post));
		});
		let asked = 0;
		const like = request();
		await expect(queueWith(server.url, async () => `t${asked++}`).push(like)).resolves.toMatchObject({ id: like.id });
		expect(tokens(server)).toEqual(['Bearer t0', 'Bearer t1']);
		expect(ids(server)).toEqual([like.id, like.id]);
	});

	it('shares one fresh token with all likes that were refused with it', async () => {
		const isUsed = ({ headers }: Post) => headers.authorization === 'Bearer t0';
		const server = await serve((post) => {
			if (isUsed(post)) post.answer(401, problem('token_expired'));
			else post.answer(201, likeAnswer(post));
		});
		let asked = 0;
		const queue = queueWith(server.url, async () => `t${asked++}`);
		await Promise.all(Array.from({ length: 12 }, () => queue.push(request())));
		expect(asked).toBe(2);
		expect(tokens(server).filter((token) => token === 'Bearer t1')).toHaveLength(12);
	});

	it('is rejected when the fresh one is refused, too', async () => {
		const server = await serve((post) => post.answer(401, problem('unauthorized')));
		let asked = 0;
		const rejected = queueWith(server.url, async () => `t${asked++}`).push(request());
		await expect(rejected).rejects.toMatchObject({ code: 'unauthorized', retryable: false });
		expect(tokens(server)).toEqual(['Bearer t0', 'Bearer t1']);
	});

	it('is rejected at once when there is no other', async () => {
		const server = await serve((post) => post.answer(401, problem('token_expired')));
		const rejected = queueWith(server.url, 'the only one').push(request());
		await expect(rejected).rejects.toMatchObject({ code: 'token_expired', message: 'It is token_expired.' });
		expect(server.posts).toHaveLength(1);
	});

	it('is rejected at once when the token does not allow it', async () => {
		const server = await serve((post) => post.answer(403, problem('forbidden')));
		const rejected = queueWith(server.url, async () => 'token').push(request());
		await expect(rejected).rejects.toMatchObject({ code: 'forbidden' });
		expect(server.posts).toHaveLength(1);
	});
});

describe('Retry-After', () => {
	const now = Date.parse('2026-01-01T00:00:00Z');

	it.each<[string | null, number | undefined]>([
		[null, undefined],
		['2', 2000],
		['Thu, 01 Jan 2026 00:00:05 GMT', 5000],
		// A clock that is ahead would make each such answer a reason to ask at once.
		['Wed, 31 Dec 2025 00:00:00 GMT', undefined],
		['0', undefined],
		['99999999', 300_000],
		['soon', undefined],
	])('%j is a wait of %j ms', (value, ms) => {
		expect(parseRetryAfter(value, now)).toBe(ms);
	});
});
