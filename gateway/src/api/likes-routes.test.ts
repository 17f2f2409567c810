import { randomUUID } from 'node:crypto';
import { type LikeAnswer, paths, type TakeBackAnswer } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { shareGateway, startGateway } from '../../test/gateway.ts';
import {
	deleteLike,
	expectProblem,
	like,
	newVideo,
	postJson,
	postLike,
	readVideo,
	totalsOf,
} from '../../test/http-client.ts';

const gateway = shareGateway({ reactions: 'heart,clap,wow:once' });

const answerOf = async (response: Response) => (await response.json()) as LikeAnswer;

describe('POST a like', () => {
	it('answers 201 with the counted like and the new totals', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const response = await postLike(gateway(), video, { id, type: 'clap' });
		expect(response.status).toBe(201);
		expect(response.headers.get('content-type')).toBe('application/json');
		expect(response.headers.get('cache-control')).toBe('no-store');
		expect(await response.json()).toEqual({
			id,
			video,
			type: 'clap',
			totals: { clap: 1 },
			revision: 1,
			duplicate: false,
		});
	});

	it('counts a heart under an id of the server when it names neither', async () => {
		const video = newVideo();
		const response = await fetch(gateway().url + paths.likes(video), { method: 'POST' });
		expect(response.status).toBe(201);
		const answer = await answerOf(response);
		expect(answer).toMatchObject({ video, type: 'heart', totals: { heart: 1 } });
		expect(answer.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
	});

	it('answers 200 and duplicate to a retry, and counts it once', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		await like(gateway(), video, { id });
		const again = await postLike(gateway(), video, { id });
		expect(again.status).toBe(200);
		expect(await answerOf(again)).toMatchObject({ id, totals: { heart: 1 }, revision: 1, duplicate: true });
	});

	it('counts a like once when copies of it arrive at the same time', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const responses = await Promise.all(Array.from({ length: 20 }, () => postLike(gateway(), video, { id })));
		expect(responses.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
		expect(await totalsOf(gateway(), video)).toEqual({ heart: 1 });
	});

	it('takes an id in capitals for the same id', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		expect((await like(gateway(), video, { id: id.toUpperCase() })).id).toBe(id);
		expect(await answerOf(await postLike(gateway(), video, { id }))).toMatchObject({ id, duplicate: true });
	});

	it('answers 409 when its id belongs to another user or type', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		await like(gateway(), video, { id });
		await expectProblem(await postLike(gateway(), video, { id, user: 'bob' }), 409, 'id_conflict');
		await expectProblem(await postLike(gateway(), video, { id, type: 'clap' }), 409, 'id_conflict');
		expect(await totalsOf(gateway(), video)).toEqual({ heart: 1 });
	});

	it('counts each tap of a user', async () => {
		const video = newVideo();
		await Promise.all(Array.from({ length: 30 }, () => like(gateway(), video)));
		expect(await totalsOf(gateway(), video)).toEqual({ heart: 30 });
	});

	it('answers duplicate to a second like of a reaction that a user has once', async () => {
		const video = newVideo();
		const first = await like(gateway(), video, { type: 'wow' });
		const second = await postLike(gateway(), video, { type: 'wow', id: randomUUID() });
		expect(second.status).toBe(200);
		expect(await answerOf(second)).toMatchObject({ id: first.id, totals: { wow: 1 }, duplicate: true });
		await like(gateway(), video, { type: 'wow', user: 'bob' });
		await deleteLike(gateway(), video, first.id);
		await like(gateway(), video, { type: 'wow' });
		expect(await totalsOf(gateway(), video)).toEqual({ wow: 2 });
	});

	it('answers 404 `like_not_found` when a duplicate of such a reaction is taken back', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		await like(gateway(), video, { type: 'wow' });
		expect((await postLike(gateway(), video, { type: 'wow', id })).status).toBe(200);
		await expectProblem(await deleteLike(gateway(), video, id), 404, 'like_not_found');
		expect(await totalsOf(gateway(), video)).toEqual({ wow: 1 });
	});

	it('accepts its id in the Idempotency-Key header when the body has none', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const send = (body: object, key: string) =>
			postJson(gateway().url + paths.likes(video), body, { 'Idempotency-Key': key, 'X-Likewire-User': 'ann' });
		expect(await answerOf(await send({}, id))).toMatchObject({ id, duplicate: false });
		expect(await answerOf(await send({}, id))).toMatchObject({ id, duplicate: true });
		const other = randomUUID();
		expect(await answerOf(await send({ id: other }, id))).toMatchObject({ id: other, duplicate: false });
		await expectProblem(await send({}, 'key-1'), 400, 'invalid_like_id');
	});

	it('counts for the user of the header, else of the query, else for a new user', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		const send = (query: string, headers: Record<string, string> = {}) =>
			postJson(gateway().url + paths.likes(video) + query, { id }, headers);
		expect((await send('?user=bob', { 'X-Likewire-User': 'ann' })).status).toBe(201);
		expect((await send('?user=ann')).status).toBe(200);
		await expectProblem(await send('?user=bob'), 409, 'id_conflict');
		await expectProblem(await send(''), 409, 'id_conflict');
	});

	it('may name the region of its first attempt', async () => {
		expect((await postJson(gateway().url + paths.likes(newVideo()), { region: 'eu' })).status).toBe(201);
	});

	it('ignores unknown fields of the body', async () => {
		const video = newVideo();
		const body = `{"extra":{"deep":[1]},"__proto__":{"type":"clap"},"constructor":{"prototype":{"type":"clap"}}}`;
		const response = await postJson(gateway().url + paths.likes(video), body);
		expect(await answerOf(response)).toMatchObject({ type: 'heart', totals: { heart: 1 } });
		expect(await totalsOf(gateway(), newVideo())).toEqual({});
	});
});

describe('DELETE a like', () => {
	it('answers 200 with the totals without it, and answers a retry', async () => {
		const video = newVideo();
		await like(gateway(), video);
		const { id } = await like(gateway(), video);
		for (let time = 0; time < 2; time++) {
			const response = await deleteLike(gateway(), video, id);
			expect(response.status).toBe(200);
			expect((await response.json()) as TakeBackAnswer).toMatchObject({ id, totals: { heart: 1 }, revision: 3 });
		}
	});

	it('leaves nothing that a late copy of the like could count', async () => {
		const [video, id] = [newVideo(), randomUUID()];
		await like(gateway(), video, { id });
		await deleteLike(gateway(), video, id);
		const late = await postLike(gateway(), video, { id });
		expect(late.status).toBe(200);
		expect(await answerOf(late)).toMatchObject({ id, totals: { heart: 0 }, duplicate: true });
	});

	it('answers 403 to any caller but the user of the like', async () => {
		const video = newVideo();
		const { id } = await like(gateway(), video);
		await expectProblem(await deleteLike(gateway(), video, id, 'bob'), 403, 'forbidden');
		const anonymous = await fetch(gateway().url + paths.like(video, id), { method: 'DELETE' });
		await expectProblem(anonymous, 403, 'forbidden');
		expect(await totalsOf(gateway(), video)).toEqual({ heart: 1 });
	});

	it('answers 404 for an unknown like, or one of another video', async () => {
		const { id } = await like(gateway(), newVideo());
		await expectProblem(await deleteLike(gateway(), newVideo(), id), 404, 'like_not_found');
		await expectProblem(await deleteLike(gateway(), newVideo(), randomUUID()), 404, 'like_not_found');
	});

	it('accepts an id in capitals', async () => {
		const video = newVideo();
		const { id } = await like(gateway(), video);
		expect((await deleteLike(gateway(), video, id.toUpperCase())).status).toBe(200);
		expect(await totalsOf(gateway(), video)).toEqual({ heart: 0 });
	});
});

describe('GET a video', () => {
	it('answers with totals, revision, viewers and the time, and may be cached for 1 s', async () => {
		const video = newVideo();
		await like(gateway(), video);
		await like(gateway(), video, { type: 'clap' });
		const before = Date.now();
		const response = await fetch(gateway().url + paths.video(video));
		expect(response.headers.get('cache-control')).toBe('public, max-age=1');
		const answer = await response.json();
		expect(answer).toEqual({ video, totals: { heart: 1, clap: 1 }, revision: 2, viewers: 0, at: expect.any(Number) });
		expect(answer.at).toBeGreaterThanOrEqual(before);
		expect(answer.at).toBeLessThanOrEqual(Date.now());
	});

	it('answers with empty totals for a video without likes', async () => {
		expect(await readVideo(gateway(), newVideo())).toMatchObject({ totals: {}, revision: 0, viewers: 0 });
	});
});

describe('Likes', () => {
	it('are on the disk when they are answered: a restarted gateway knows them', async () => {
		const first = await startGateway();
		const [video, id] = [newVideo(), randomUUID()];
		await like(first, video, { id });
		const taken = await like(first, video);
		await deleteLike(first, video, taken.id);
		const { dataDir } = first;
		// The first gateway removes the directory at the end of the test.
		const { url } = first;
		await expect(startGateway({ dataDir })).rejects.toThrow('another gateway is using this directory');
		expect(await totalsOf({ url }, video)).toEqual({ heart: 1 });
	});
});
