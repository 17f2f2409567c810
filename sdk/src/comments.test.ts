import type { Comment, CommentEvent } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import {
	cleanUpAfterEach,
	commentAnswer,
	eventually,
	likeAnswer,
	type Post,
	type StreamServerOptions,
	unusedUrl,
} from '../testing/stream-server.ts';
import { createClient, uuid } from './index.ts';

const { closing, serve } = cleanUpAfterEach();

const comment = (id: string, change: Partial<CommentEvent> = {}): CommentEvent => {
	return { video: 'v1', id, user: 'me', text: `I am ${id}`, at: 1, region: 'r', ...change };
};

async function allOf(history: AsyncIterable<Comment>): Promise<Comment[]> {
	const comments: Comment[] = [];
	for await (const comment of history) comments.push(comment);
	return comments;
}

async function watch(onPost?: StreamServerOptions['onPost']) {
	const server = await serve({ ...(onPost && { onPost }) });
	const live = createClient({ url: server.url, user: 'me' });
	closing.push(live.close);
	const video = live.video('v1');
	const received: string[] = [];
	video.on('comment', ({ id }) => received.push(id));
	video.on('comment-deleted', ({ id }) => received.push(`-${id}`));
	video.on('gap', ({ reason }) => received.push(reason));
	await eventually(() => expect(live.state).toBe('live'));
	const stream = () => {
		const newest = server.streams.at(-1);
		if (newest === undefined) throw new Error('no stream');
		return newest;
	};
	return { server, live, video, received, stream };
}

describe('a comment', () => {
	it('is sent with an id, and reaches listeners once when its answer comes first', async () => {
		const { server, video, received, stream } = await watch();
		const events: CommentEvent[] = [];
		video.on('comment', (event) => events.push(event));
		const answer = await video.comment('hello', { parent: 'p' });
		const { id } = answer;
		expect(server.posts[0]).toMatchObject({
			path: '/v1/videos/v1/comments',
			body: { id, text: 'hello', parent: 'p', region: 'r' },
		});
		expect(answer).toMatchObject({ id, text: 'hello', user: 'me', duplicate: false });
		expect(events).toEqual([expect.objectContaining({ id, text: 'hello', parent: 'p' })]);
		expect(events[0]).not.toHaveProperty('duplicate');
		stream().send('comment', comment(id), 'c1');
		stream().send('comment', comment('next'), 'c2');
		await eventually(() => expect(received).toEqual([id, 'next']));
	});

	it('reaches listeners once when the stream comes first', async () => {
		const held: Post[] = [];
		const { video, received, stream } = await watch((post) => held.push(post));
		const id = uuid();
		const answer = video.comment('hello', { id });
		await eventually(() => expect(held).toHaveLength(1));
		stream().send('comment', comment(id), 'c1');
		await eventually(() => expect(received).toEqual([id]));
		held[0]?.answer(201, commentAnswer(held[0]));
		await expect(answer).resolves.toMatchObject({ id });
		expect(received).toEqual([id]);
	});

	it('does not return when it was deleted before its answer came', async () => {
		const held: Post[] = [];
		const { video, received, stream } = await watch((post) => held.push(post));
		const id = uuid();
		const answer = video.comment('hello', { id });
		await eventually(() => expect(held).toHaveLength(1));
		stream().send('comment-deleted', { video: 'v1', id, user: 'me', region: 'r' }, 'c2');
		await eventually(() => expect(received).toEqual([`-${id}`]));
		held[0]?.answer(201, commentAnswer(held[0]));
		await answer;
		expect(received).toEqual([`-${id}`]);
	});

	it('stays when another user or region deletes one with the same id', async () => {
		const { received, stream } = await watch();
		stream().send('comment-deleted', { video: 'v1', id: 'x', user: 'eve', region: 'r' }, 'c1');
		stream().send('comment-deleted', { video: 'v1', id: 'x', user: 'me', region: 's' }, 'c2');
		stream().send('comment', comment('x'), 'c3');
		stream().send('comment', comment('x', { user: 'eve' }), 'c4');
		stream().send('comment', comment('last'), 'c5');
		await eventually(() => expect(received).toEqual(['-x', '-x', 'x', 'last']));
	});

	it('is sent again with the same id until the gateway answers, and before the next one', async () => {
		const { server, video } = await watch((post, index) => {
			if (index < 2) post.cut();
			else post.answer(201, commentAnswer(post));
		});
		const answers = await Promise.all(['one', 'two', 'three'].map((text) => video.comment(text)));
		const ids = answers.map(({ id }) => id);
		expect(server.posts.map(({ body }) => body.id)).toEqual([ids[0], ids[0], ...ids]);
	});

	it('can be sent again after a refusal, as the same comment', async () => {
		const { server, video } = await watch((post, index) => {
			if (index === 0) post.answer(400, { code: 'invalid_text', detail: 'no' });
			else post.answer(201, commentAnswer(post));
		});
		const id = uuid();
		await expect(video.comment('', { id })).rejects.toMatchObject({ code: 'invalid_text', message: 'no' });
		await video.comment('better', { id });
		expect(server.posts.map(({ body }) => body.id)).toEqual([id, id]);
	});

	it('can be deleted and liked', async () => {
		const { server, video, received, stream } = await watch();
		await expect(video.deleteComment('c1')).resolves.toMatchObject({ id: 'c1' });
		await video.deleteComment('c1', { user: 'ann' });
		await expect(video.likeComment('c1', 'clap')).resolves.toMatchObject({ type: 'clap' });
		await video.likeComment({ id: 'c1', user: 'ann' });
		await expect(video.likeComment('c1', 'No such')).rejects.toMatchObject({ code: 'unknown_reaction' });
		expect(server.posts.map(({ method, path }) => [method, path])).toEqual([
			['DELETE', '/v1/videos/v1/comments/c1'],
			['DELETE', '/v1/videos/v1/comments/c1'],
			['POST', '/v1/videos/v1/comments/c1/likes'],
			['POST', '/v1/videos/v1/comments/c1/likes'],
		]);
		expect(server.posts.slice(2).map(({ body }) => body.user)).toEqual([undefined, 'ann']);
		expect(server.posts.map(({ query }) => query.toString())).toEqual(['region=r', 'user=ann&region=r', '', '']);
		expect(server.posts[2]?.body).toMatchObject({ type: 'clap', region: 'r' });
		const totals: unknown[] = [];
		video.on('comment-likes', (event) => totals.push(event));
		stream().send('comment-deleted', { video: 'v1', id: 'c1', user: 'me', region: 'r' }, 'c5');
		stream().send('comment-likes', { video: 'v1', id: 'c2', user: 'ann', totals: { clap: 2 } });
		await eventually(() => expect(totals).toEqual([{ video: 'v1', id: 'c2', user: 'ann', totals: { clap: 2 } }]));
		expect(received).toEqual(['-c1']);
	});

	it('comes once, though 900 others came since its answer', async () => {
		const { video, received, stream } = await watch();
		const { id } = await video.comment('hello');
		for (let n = 0; n < 900; n++) stream().send('comment', comment(`n${n}`), `c${n}`);
		stream().send('comment', comment(id), 'c900');
		stream().send('comment', comment('last'), 'c901');
		await eventually(() => expect(received.at(-1)).toBe('last'));
		expect(received.filter((receivedId) => receivedId === id)).toHaveLength(1);
	});
});

describe('the comments of a video', () => {
	it('resume after the newest one on the next stream', async () => {
		const { server, received, stream } = await watch();
		stream().send('comment', comment('a'), 'cursor-1');
		stream().send('comment', comment('b'), 'cursor-2');
		stream().send('likes', { video: 'v1', totals: {}, delta: {}, recent: [], shown: 0, of: 0, revision: 0, at: 1 });
		await eventually(() => expect(received).toHaveLength(2));
		stream().end();
		await eventually(() => expect(server.streams).toHaveLength(2));
		expect(stream().query.getAll('cursor')).toEqual(['cursor-2']);
		stream().send('comment', comment('c'), 'cursor-3');
		await eventually(() => expect(received).toEqual(['a', 'b', 'c']));
	});

	it('resume where the log began when none came before the stream broke', async () => {
		const { server, live, received, stream } = await watch();
		stream().send('cursor', { topic: 'video:v1' }, 'cursor-0');
		stream().send('comment-likes', { video: 'v1', id: 'c', user: 'ann', totals: {} });
		stream().end();
		await eventually(() => expect(server.streams).toHaveLength(2));
		await eventually(() => expect(live.state).toBe('live'));
		expect(stream().query.getAll('cursor')).toEqual(['cursor-0']);
		stream().send('gap', { topic: 'video:v1', reason: 'too_old' }, 'cursor-9');
		await eventually(() => expect(received).toEqual(['too_old']));
		stream().end();
		await eventually(() => expect(server.streams).toHaveLength(3));
		expect(stream().query.getAll('cursor')).toEqual(['cursor-9']);
	});

	it('have a gap when the stream broke before it sent where the log begins', async () => {
		const { server, live, received, stream } = await watch();
		expect(received).toEqual([]);
		stream().end();
		await eventually(() => expect(server.streams).toHaveLength(2));
		await eventually(() => expect(live.state).toBe('live'));
		expect(stream().query.getAll('cursor')).toEqual([]);
		expect(received).toEqual(['no_cursor']);
	});

	it('have a gap when the gateway sends one', async () => {
		const { received, stream } = await watch();
		stream().send('gap', { topic: 'video:v1', reason: 'too_old' });
		await eventually(() => expect(received).toEqual(['too_old']));
	});

	it('are read from the newest on, a page at a time, as far as the caller iterates', async () => {
		const all = Array.from({ length: 25 }, (_, n): Comment => comment(`c${24 - n}`));
		const { server, video } = await watch(({ query, answer }) => {
			const from = Number(query.get('before') ?? 0);
			const limit = Number(query.get('limit'));
			answer(200, { comments: all.slice(from, from + limit), next: from + limit < 25 ? `${from + limit}` : null });
		});
		const some: string[] = [];
		for await (const { id } of video.comments({ limit: 10 })) {
			some.push(id);
			if (some.length === 12) break;
		}
		expect(some).toEqual(all.slice(0, 12).map(({ id }) => id));
		expect(server.posts.map(({ query }) => query.toString())).toEqual(['limit=10', 'before=10&limit=10']);
		const rest = await allOf(video.comments({ before: '20', limit: 3 }));
		expect(rest).toEqual(all.slice(20));
	});

	it('can be read further after a failure', async () => {
		const { video } = await watch(({ query, answer }, index) => {
			if (index === 1) answer(500, { code: 'internal_error', detail: 'oh' });
			else answer(200, { comments: [comment(query.get('before') ?? 'new')], next: query.has('before') ? null : 'old' });
		});
		const history = video.comments();
		await expect(history.next()).resolves.toMatchObject({ value: { id: 'new' } });
		await expect(history.next()).rejects.toMatchObject({ code: 'internal_error', retryable: true });
		const [second, third] = [history.next(), history.next()];
		await expect(second).resolves.toMatchObject({ value: { id: 'old' } });
		await expect(third).resolves.toMatchObject({ done: true });
	});

	it('are read at the next address when one does not answer', async () => {
		const server = await serve({ onPost: ({ answer }) => answer(200, { comments: [comment('a')], next: null }) });
		const live = createClient({ url: [await unusedUrl(), server.url], user: 'me' });
		closing.push(live.close);
		await expect(allOf(live.video('v1').comments())).resolves.toMatchObject([{ id: 'a' }]);
	});

	it.each([{}, null, '<h1>Welcome</h1>'])('reject when the answer is %j', async (body) => {
		const { video } = await watch(({ answer }) => answer(200, body));
		await expect(video.comments().next()).rejects.toMatchObject({ code: 'unexpected_answer', retryable: true });
	});
});

describe('a video', () => {
	it('shows its number of viewers', async () => {
		const { video, stream } = await watch();
		expect(video.viewers).toBeUndefined();
		stream().send('viewers', { video: 'v1', count: 7 });
		await eventually(() => expect(video.viewers).toBe(7));
	});

	it('takes no writes once it is over, and emits ended once', async () => {
		const { server, live, video, stream } = await watch((post) => post.answer(201, likeAnswer(post)));
		const ends: unknown[] = [];
		video.on('ended', (event) => ends.push(event));
		expect(video.ended).toBe(false);
		stream().send('ended', { video: 'v1', totals: { heart: 3 } });
		await eventually(() => expect(video.ended).toBe(true));
		for (const write of [video.like(), video.comment('late'), video.likeComment('c1')]) {
			await expect(write).rejects.toMatchObject({ code: 'video_ended', retryable: false });
		}
		expect(video.totals).toEqual({});
		expect(server.posts).toEqual([]);
		stream().end();
		await eventually(() => expect(server.streams).toHaveLength(2));
		await eventually(() => expect(live.state).toBe('live'));
		stream().send('ended', { video: 'v1', totals: { heart: 3 } });
		stream().send('viewers', { video: 'v1', count: 1 });
		await eventually(() => expect(video.viewers).toBe(1));
		expect(ends).toEqual([{ video: 'v1', totals: { heart: 3 } }]);
	});
});
