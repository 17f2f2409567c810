import { randomUUID } from 'node:crypto';
import { type CommentAnswer, type Problem, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { allComments, comment, commentsPage, deleteComment, postComment, textsOf } from '../../test/comments.ts';
import { shareGateway } from '../../test/gateway.ts';
import { expectProblem, newVideo, postJson } from '../../test/http-client.ts';

const gateway = shareGateway();

const answerOf = async (response: Response) => (await response.json()) as CommentAnswer;

describe('POST a comment', () => {
	it('answers 201 with what is stored', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const before = Date.now();
		const response = await postComment(gateway(), video, '  hello \n', { id });
		expect(response.status).toBe(201);
		expect(response.headers.get('cache-control')).toBe('no-store');
		const answer = await answerOf(response);
		const { region } = answer;
		expect(answer).toEqual({ video, id, user: 'ann', text: 'hello', at: expect.any(Number), region, duplicate: false });
		expect(answer.at).toBeGreaterThanOrEqual(before);
		expect((await commentsPage(gateway(), video)).comments).toEqual([
			{ video, id, user: 'ann', text: 'hello', at: answer.at, region },
		]);
	});

	it('makes an id when the body has none, and accepts that of the Idempotency-Key', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		expect((await comment(gateway(), video)).id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
		const send = (key: string) =>
			postJson(
				gateway().url + paths.comments(video),
				{ text: 'once' },
				{ 'Idempotency-Key': key, 'X-Likewire-User': 'ann' },
			);
		expect(await answerOf(await send(id))).toMatchObject({ id, duplicate: false });
		expect(await answerOf(await send(id))).toMatchObject({ id, duplicate: true });
		await expectProblem(await send('key-1'), 400, 'invalid_comment_id');
	});

	it('answers 200 with the same comment to a retry, and stores it once', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const first = await comment(gateway(), video, 'hello', { id });
		const again = await postComment(gateway(), video, 'hello', { id: id.toUpperCase() });
		expect(again.status).toBe(200);
		expect(await answerOf(again)).toEqual({ ...first, duplicate: true });
		expect(await textsOf(gateway(), video)).toEqual(['hello']);
	});

	it('stores a comment once when copies of it arrive at the same time', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const responses = await Promise.all(
			Array.from({ length: 20 }, () => postComment(gateway(), video, 'hello', { id })),
		);
		expect(responses.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
		expect(await textsOf(gateway(), video)).toEqual(['hello']);
	});

	it('answers 200 to a retry without a user, with the first comment', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const send = () => postJson(gateway().url + paths.comments(video), { id, text: 'hello' });
		const first = await send();
		expect(first.status).toBe(201);
		const { user } = await answerOf(first);
		const again = await send();
		expect(again.status).toBe(200);
		expect(await answerOf(again)).toMatchObject({ user, duplicate: true });
	});

	it('answers 409 when its id belongs to another user, text or parent', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const parent = await comment(gateway(), video, 'parent');
		await comment(gateway(), video, 'hello', { id });
		await expectProblem(await postComment(gateway(), video, 'hello', { id, user: 'bob' }), 409, 'id_conflict');
		await expectProblem(await postComment(gateway(), video, 'hullo', { id }), 409, 'id_conflict');
		await expectProblem(await postComment(gateway(), video, 'hello', { id, parent: parent.id }), 409, 'id_conflict');
	});

	it('accepts a reply to a comment, and no reply to a reply', async () => {
		const video = newVideo();
		const parent = await comment(gateway(), video, 'question');
		const answer = await comment(gateway(), video, 'answer', { parent: parent.id.toUpperCase() });
		expect(answer.parent).toBe(parent.id);
		expect((await commentsPage(gateway(), video)).comments[0]).toMatchObject({ text: 'answer', parent: parent.id });
		const refused = (parentId: string, on = video) => postComment(gateway(), on, 'x', { parent: parentId });
		await expectProblem(await refused(answer.id), 400, 'invalid_parent');
		await expectProblem(await refused(randomUUID()), 404, 'parent_not_found');
		await expectProblem(await refused(parent.id, newVideo()), 404, 'parent_not_found');
		await expectProblem(await refused('p1'), 400, 'invalid_comment_id');
		await deleteComment(gateway(), video, parent.id);
		await expectProblem(await refused(parent.id), 404, 'parent_not_found');
		expect(await textsOf(gateway(), video)).toEqual(['answer']);
	});

	it('keeps markup as it is: a page that shows it must show it as text', async () => {
		const [video, text] = [newVideo(), '<img src=x onerror=alert(1)>"\'&amp;</script>'];
		await comment(gateway(), video, text);
		expect(await textsOf(gateway(), video)).toEqual([text]);
	});

	it.each<[string, unknown, number, Problem['code']]>([
		['nothing', '', 400, 'invalid_text'],
		['spaces', ' \n ', 400, 'invalid_text'],
		['501 characters', 'a'.repeat(501), 400, 'invalid_text'],
		['501 emoji', '💖'.repeat(501), 400, 'invalid_text'],
		['half a pair', 'a\ud83d', 400, 'invalid_text'],
		['NUL', 'a\0b', 400, 'invalid_text'],
		['zero-width spaces', '\u200b'.repeat(400), 400, 'invalid_text'],
		['a number', 7, 400, 'invalid_body'],
		['null', null, 400, 'invalid_body'],
		['a list', ['a'], 400, 'invalid_body'],
		['no text', undefined, 400, 'invalid_body'],
	])('refuses text of %s, and stores nothing', async (_, text, status, code) => {
		const video = newVideo();
		await expectProblem(await postComment(gateway(), video, text), status, code);
		expect(await commentsPage(gateway(), video)).toEqual({ comments: [], next: null });
	});

	it('ends a direction that the text leaves open', async () => {
		const video = newVideo();
		expect((await comment(gateway(), video, 'a\u202eb')).text).toBe('a\u202eb\u202c');
	});

	it.each(['1', '', 'a b', `${randomUUID()}0`, '\0'])('refuses the id %j', async (id) => {
		await expectProblem(await postComment(gateway(), newVideo(), 'a', { id }), 400, 'invalid_comment_id');
	});
});

describe('GET comments', () => {
	it('answers pages, newest first, which stay as they are while new comments come', async () => {
		const video = newVideo();
		const texts = Array.from({ length: 25 }, (_, index) => `comment ${index}`);
		for (const text of texts) await comment(gateway(), video, text);
		const first = await commentsPage(gateway(), video, { limit: '10' });
		expect(first.comments).toHaveLength(10);
		await comment(gateway(), video, 'late');
		const second = await commentsPage(gateway(), video, { limit: '10', before: first.next ?? '' });
		const third = await commentsPage(gateway(), video, { limit: '10', before: second.next ?? '' });
		expect(third.next).toBeNull();
		const shown = [...first.comments, ...second.comments, ...third.comments].map(({ text }) => text);
		expect(shown).toEqual([...texts].reverse());
		expect((await allComments(gateway(), video, 1)).map(({ text }) => text)).toEqual(['late', ...shown]);
	});

	it('may be cached for 1 s', async () => {
		const response = await fetch(gateway().url + paths.comments(newVideo()));
		expect(response.headers.get('cache-control')).toBe('public, max-age=1');
		expect(await response.json()).toEqual({ comments: [], next: null });
	});

	it('shows a new comment at once, also to a caller that just read', async () => {
		const video = newVideo();
		for (let count = 1; count <= 20; count++) {
			await comment(gateway(), video);
			expect((await commentsPage(gateway(), video)).comments).toHaveLength(count);
		}
	});

	it.each(['0', '101', '-1', '1.5', 'all', '', '1e1', ' 5', '99999999999999999999'])(
		'refuses a limit of %j',
		async (limit) => {
			const response = await fetch(`${gateway().url + paths.comments(newVideo())}?limit=${encodeURIComponent(limit)}`);
			await expectProblem(response, 400, 'invalid_query');
		},
	);

	it.each(['x', '0', '%00', `${'9'.repeat(400)}.${randomUUID()}`, '"]', 'null'])(
		'refuses to begin before %.20j',
		async (before) => {
			const response = await fetch(`${gateway().url + paths.comments(newVideo())}?before=${before}`);
			await expectProblem(response, 400, 'invalid_cursor');
		},
	);
});

describe('DELETE a comment', () => {
	it('deletes it, and answers a retry', async () => {
		const video = newVideo();
		const { id } = await comment(gateway(), video, 'wrong');
		await comment(gateway(), video, 'right');
		for (let time = 0; time < 2; time++) {
			const response = await deleteComment(gateway(), video, id.toUpperCase());
			expect(response.status).toBe(200);
			expect(await response.json()).toEqual({ id, duplicate: time > 0 });
		}
		expect(await textsOf(gateway(), video)).toEqual(['right']);
	});

	it('leaves nothing that a late copy could restore', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		await comment(gateway(), video, 'wrong', { id });
		await deleteComment(gateway(), video, id);
		const late = await postComment(gateway(), video, 'wrong', { id });
		expect(late.status).toBe(200);
		expect(await answerOf(late)).toMatchObject({ id, text: '', duplicate: true });
		expect(await textsOf(gateway(), video)).toEqual([]);
	});

	it('is for its author: development mode has no moderators', async () => {
		const video = newVideo();
		const { id } = await comment(gateway(), video);
		await expectProblem(await deleteComment(gateway(), video, id, 'bob'), 403, 'forbidden');
		expect(await textsOf(gateway(), video)).toEqual(['hello']);
	});

	it('answers 404 for an unknown comment, or one about another video', async () => {
		const { id } = await comment(gateway(), newVideo());
		await expectProblem(await deleteComment(gateway(), newVideo(), id), 404, 'comment_not_found');
		await expectProblem(await deleteComment(gateway(), newVideo(), randomUUID()), 404, 'comment_not_found');
		await expectProblem(await deleteComment(gateway(), newVideo(), 'c1'), 400, 'invalid_comment_id');
	});
});

describe('A path for comments', () => {
	it.each<[string, string, string]>([
		['PUT', '/v1/videos/v1/comments', 'POST, GET, HEAD, OPTIONS'],
		['GET', `/v1/videos/v1/comments/${randomUUID()}`, 'DELETE, OPTIONS'],
		['GET', `/v1/videos/v1/comments/${randomUUID()}/likes`, 'POST, OPTIONS'],
	])('refuses %s %s', async (method, path, allowed) => {
		const response = await fetch(gateway().url + path, { method });
		expect(response.headers.get('allow')).toBe(allowed);
		await expectProblem(response, 405, 'method_not_allowed');
	});
});
