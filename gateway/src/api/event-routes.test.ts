import { randomUUID } from 'node:crypto';
import { type ErrorCode, MAX_EVENT_DATA_BYTES, paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { comment, deleteComment, postComment, textsOf } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { deleteLike, expectProblem, like, newVideo, postJson, postLike, totalsOf } from '../../test/http-client.ts';

const gateway = shareGateway();

const publish = (topic: string, body: unknown, headers: Record<string, string> = {}) =>
	postJson(gateway().url + paths.topicEvents(topic), body, headers);
const end = (video: string) => fetch(gateway().url + paths.end(video), { method: 'POST' });

describe('An event of a server', () => {
	it('is accepted with 202, and once', async () => {
		const event = { id: 'game-1:goal-1', name: 'goal', data: { by: 'ann', score: [1, 0] } };
		const first = await publish('scores', event);
		expect(first.status).toBe(202);
		expect(await first.json()).toEqual({ id: 'game-1:goal-1', topic: 'scores', duplicate: false });
		const again = await publish('scores', { ...event, data: { score: [1, 0], by: 'ann' } });
		expect([again.status, await again.json()]).toEqual([202, { id: event.id, topic: 'scores', duplicate: true }]);
		await expectProblem(await publish('scores', { ...event, data: {} }), 409, 'id_conflict');
		await expectProblem(await publish('scores', { ...event, name: 'miss' }), 409, 'id_conflict');
		expect(await (await publish('other', event)).json()).toMatchObject({ duplicate: false });
	});

	it('gets an id when the body has none, or that of the Idempotency-Key', async () => {
		expect(await (await publish('scores', { name: 'a' })).json()).toMatchObject({
			id: expect.stringMatching(/^.{36}$/),
		});
		const send = async () => (await publish('scores', { name: 'a' }, { 'Idempotency-Key': 'key-1' })).json();
		expect(await send()).toMatchObject({ id: 'key-1', duplicate: false });
		expect(await send()).toMatchObject({ id: 'key-1', duplicate: true });
	});

	it.each(['goal scored', 'Tor!', '得点', '⚽'.repeat(128), ' ', '"\\', 'a/b', 'constructor', 'toString'])(
		'reaches viewers under the name %j',
		async (name) => {
			const topic = `names-${randomUUID()}`;
			const stream = await EventStream.openQuery(gateway(), `topic=${topic}`);
			await stream.event('cursor');
			for (const kind of ['signal', 'log', 'signal']) {
				expect((await publish(topic, { name, class: kind, data: { kind } })).status).toBe(202);
			}
			for (const kind of ['signal', 'log']) {
				const custom = await stream.event('custom', ({ data }) => (data as { kind: string }).kind === kind);
				expect(custom).toMatchObject({ topic, name });
			}
		},
	);

	it('may belong to a video or a conversation', async () => {
		const longest = newVideo().padEnd(128, 'x');
		for (const topic of [`video:${newVideo()}`, 'conversation:c1', `video:${longest}`, `conversation:${longest}`]) {
			expect(await (await publish(topic, { name: 'a', data: null })).json()).toMatchObject({ topic });
		}
	});

	it.each([null, true, 0, 'text', [], {}, { a: { b: [1, 'ü💖', null] } }, JSON.parse('{"__proto__":{"a":1}}')])(
		'may carry %j',
		async (data) => {
			expect((await publish('data', { name: 'a', data })).status).toBe(202);
			expect((await publish('data', { name: 'a', data, class: 'signal' })).status).toBe(202);
		},
	);

	it(`carries at most ${MAX_EVENT_DATA_BYTES} bytes of JSON`, async () => {
		const text = (bytes: number) => 'ü'.repeat(Math.floor((bytes - 2) / 2)) + 'a'.repeat(bytes % 2);
		expect((await publish('data', { name: 'a', data: text(MAX_EVENT_DATA_BYTES) })).status).toBe(202);
		for (const kind of ['log', 'signal']) {
			const refused = await publish('data', { name: 'a', class: kind, data: text(MAX_EVENT_DATA_BYTES + 1) });
			await expectProblem(refused, 413, 'data_too_large');
		}
	});

	it('may be a signal, which is accepted once, too', async () => {
		const [topic, body] = [`signals-${randomUUID()}`, { id: 'same', name: 'a', data: 1, class: 'signal' }];
		for (const duplicate of [false, true, true]) {
			const response = await publish(topic, body);
			expect([response.status, await response.json()]).toEqual([202, { id: 'same', topic, duplicate }]);
		}
		expect(await (await publish(`${topic}-2`, body)).json()).toMatchObject({ duplicate: false });
		const keyed = async () => (await publish(topic, { ...body, id: undefined }, { 'Idempotency-Key': 'key' })).json();
		expect([await keyed(), await keyed()]).toMatchObject([{ duplicate: false }, { duplicate: true }]);
		// The gateway keeps no signal: the log does not have it.
		expect(await (await publish(topic, { ...body, class: 'log' })).json()).toMatchObject({ duplicate: false });
	});

	it('may be a signal that is retried after its video ended', async () => {
		const topic = `video:${newVideo()}`;
		const body = { id: 'same', name: 'a', class: 'signal' };
		expect((await publish(topic, body)).status).toBe(202);
		await end(topic.slice('video:'.length));
		expect(await (await publish(topic, body)).json()).toMatchObject({ duplicate: true });
		await expectProblem(await publish(topic, { ...body, id: 'other' }), 409, 'video_ended');
	});

	it.each<[string, unknown, ErrorCode]>([
		['no name', {}, 'invalid_body'],
		['an empty name', { name: '' }, 'invalid_body'],
		['a name of 129 characters', { name: '⚽'.repeat(129) }, 'invalid_body'],
		['a name with a line break', { name: 'a\nevent: x' }, 'invalid_body'],
		['a name with another control character', { name: 'a\u0085' }, 'invalid_body'],
		['a name with half a character', { name: '\ud83d' }, 'invalid_body'],
		['the name of what objects inherit from', { name: '__proto__' }, 'invalid_body'],
		['that name as a signal', { name: '__proto__', class: 'signal' }, 'invalid_body'],
		['a name that is no text', { name: 7 }, 'invalid_body'],
		['a class that is none', { name: 'a', class: 'counter' }, 'invalid_body'],
		['an id that is none', { name: 'a', id: 'a b' }, 'invalid_event_id'],
		['an empty id', { name: 'a', id: '' }, 'invalid_event_id'],
		['an id that is too long', { name: 'a', id: 'a'.repeat(129) }, 'invalid_event_id'],
	])('is refused with %s', async (_, body, code) => {
		await expectProblem(await publish('bad', body), 400, code);
	});

	it('is refused when its data is nested too deep', async () => {
		const deep = (levels: number) => `{"name":"a","data":${'['.repeat(levels)}${']'.repeat(levels)}}`;
		expect((await publish('bad', deep(100))).status).toBe(202);
		await expectProblem(await publish('bad', deep(101)), 400, 'invalid_body');
		await expectProblem(await publish('bad', deep(8_000)), 400, 'invalid_body');
	});

	it.each([
		['half a surrogate pair', '"\\ud800"'],
		['the other half', '{"a":["\\udc00"]}'],
		['the halves in the wrong order', '{"a":{"b":"x\\udc00\\ud800"}}'],
		['half a pair in a name', '{"a":{"\\ud83d":1}}'],
		['a number that is infinite', '1e999'],
		['one below all numbers', '{"a":[{"b":-1e999}]}'],
	])('is refused, and not stored, when its data has %s', async (_, data) => {
		const topic = `flawed-${randomUUID()}`;
		const send = (more: string) => publish(topic, `{"id":"one","name":"a","data":${more}}`);
		for (const kind of ['log', 'signal']) {
			await expectProblem(await send(`${data},"class":"${kind}"`), 400, 'invalid_body');
		}
		expect(await (await send('{"a":"\\ud83d\\ude00","b":1e308}')).json()).toMatchObject({ duplicate: false });
	});

	it.each(['a b', 'video:', 'video:a%2fb', 'conversation:', `video:${'a'.repeat(129)}`, '.', '%00', '%ff'])(
		'is refused on the topic %s',
		async (topic) => {
			const response = await postJson(`${gateway().url}/v1/topics/${topic}/events`, { name: 'a' });
			// Clients resolve a dot in a path, so a topic cannot have that name.
			if (topic === '.') await expectProblem(response, 404, 'not_found');
			else await expectProblem(response, 400, 'invalid_topic');
		},
	);

	it('accepts only POST', async () => {
		const response = await fetch(gateway().url + paths.topicEvents('scores'));
		expect(response.headers.get('allow')).toBe('POST, OPTIONS');
		await expectProblem(response, 405, 'method_not_allowed');
	});
});

describe('The end of a video', () => {
	it('is answered with the final totals, also a second time', async () => {
		const video = newVideo();
		await like(gateway(), video);
		await like(gateway(), video, { type: 'clap' });
		const totals = { heart: 1, clap: 1 };
		for (const duplicate of [false, true]) {
			const response = await end(video);
			expect([response.status, await response.json()]).toEqual([202, { video, totals, duplicate }]);
		}
		expect(await totalsOf(gateway(), video)).toEqual({ heart: 1, clap: 1 });
	});

	it('ends writes about it', async () => {
		const video = newVideo();
		const given = await like(gateway(), video);
		const { id } = await comment(gateway(), video, 'before');
		const liked = await postJson(gateway().url + paths.commentLikes(video, id), {}, { 'X-Likewire-User': 'ann' });
		const likeOfComment = ((await liked.json()) as { id: string }).id;
		expect(liked.status).toBe(201);
		await end(video);
		const refused = [
			await postLike(gateway(), video),
			await deleteLike(gateway(), video, given.id),
			await postComment(gateway(), video, 'after'),
			await postJson(gateway().url + paths.commentLikes(video, id), {}),
			await fetch(gateway().url + paths.commentLike(video, id, likeOfComment), {
				method: 'DELETE',
				headers: { 'X-Likewire-User': 'ann' },
			}),
			await publish(`video:${video}`, { name: 'a' }),
			await publish(`video:${video}`, { name: 'a', class: 'signal' }),
		];
		for (const response of refused) await expectProblem(response, 409, 'video_ended');
		expect(await totalsOf(gateway(), video)).toEqual({ heart: 1 });
		expect(await textsOf(gateway(), video)).toEqual(['before']);
		// Deletions stay possible.
		expect((await deleteComment(gateway(), video, id)).status).toBe(200);
		expect(await textsOf(gateway(), video)).toEqual([]);
	});

	it('accepts retries of earlier writes', async () => {
		const [video, likeId, commentId] = [newVideo(), randomUUID(), randomUUID()];
		await like(gateway(), video, { id: likeId });
		await comment(gateway(), video, 'hello', { id: commentId });
		await end(video);
		expect((await postLike(gateway(), video, { id: likeId })).status).toBe(200);
		expect((await postComment(gateway(), video, 'hello', { id: commentId })).status).toBe(200);
	});

	it('accepts only POST, and only with a valid video id', async () => {
		await expectProblem(await fetch(gateway().url + paths.end('v1')), 405, 'method_not_allowed');
		await expectProblem(
			await fetch(`${gateway().url}/v1/videos/a%20b/end`, { method: 'POST' }),
			400,
			'invalid_video_id',
		);
	});
});
