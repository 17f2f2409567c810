import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { shareGateway } from '../../gateway/test/gateway.ts';
import { SECRET } from '../../gateway/test/tokens.ts';
import { createServer, LikewireServerError, type Right, type Server } from './index.ts';

const API_KEY = 'a-key-of-a-test-server';

const gateway = shareGateway({ jwtSecret: SECRET, apiKeys: `shop:${API_KEY}` });
const connect = (options = {}): Server =>
	createServer({ url: gateway().url, apiKey: API_KEY, jwtSecret: SECRET, ...options });

/** Sends a request of a viewer with a token. */
async function ask(token: string, method: string, path: string, body?: object) {
	const response = await fetch(gateway().url + path, {
		method,
		headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
		...(body && { body: JSON.stringify(body) }),
	});
	return { status: response.status, body: await response.json() };
}

/** Writes a comment as a viewer and returns it. */
async function comment(server: Server, video: string, user: string, text: string) {
	const { body } = await ask(await server.token({ user }), 'POST', `/v1/videos/${video}/comments`, { text });
	return body as { id: string; text: string; user: string; region: string };
}

const code = (error: unknown) => (error instanceof LikewireServerError ? error.code : error);

describe('token', () => {
	it('signs a token that the gateway accepts, only for its videos and rights', async () => {
		const token = await connect().token({ user: 'ann', videos: ['v1'], can: ['watch', 'like'] });
		expect((await ask(token, 'POST', '/v1/videos/v1/likes', {})).status).toBe(201);
		expect((await ask(token, 'POST', '/v1/videos/v2/likes', {})).status).toBe(403);
		expect((await ask(token, 'POST', '/v1/videos/v1/comments', { text: 'hi' })).status).toBe(403);
	});

	it('signs a token that expires after 10 minutes by default', async () => {
		const lifeOf = async (options = {}) => {
			const { exp = 0, iat = 0 } = decodeJwt(await connect().token({ user: 'ann', ...options }));
			return exp - iat;
		};
		expect(await lifeOf()).toBeGreaterThanOrEqual(600);
		expect(await lifeOf()).toBeLessThanOrEqual(601);
		expect(await lifeOf({ expiresInMs: 5_000 })).toBeLessThanOrEqual(6);
	});

	it.each([
		['no user', { user: undefined as never }, 'invalid_user_id'],
		['a user that is not an id', { user: 'a b' }, 'invalid_user_id'],
		['videos that are not a list', { user: 'ann', videos: 'v1' as never }, 'invalid_option'],
		['a video that is not an id', { user: 'ann', videos: ['v1', ''] }, 'invalid_option'],
		['a hole in a list', { user: 'ann', presence: [undefined as never] }, 'invalid_option'],
		['an unknown right', { user: 'ann', can: ['rule' as Right] }, 'invalid_option'],
		['no life', { user: 'ann', expiresInMs: 0 }, 'invalid_option'],
		['a life of a year', { user: 'ann', expiresInMs: 3e10 }, 'invalid_option'],
		['a life that is not a number', { user: 'ann', expiresInMs: Number.NaN }, 'invalid_option'],
	])('rejects %s', async (_, options, expected) => {
		expect(await connect().token(options).catch(code)).toBe(expected);
	});

	it('names a missing option', async () => {
		await expect(connect({ jwtSecret: undefined }).token({ user: 'ann' })).rejects.toThrow(/jwtSecret/);
	});
});

describe('publish', () => {
	it('publishes an event of one id once', async () => {
		const server = connect();
		const { id, duplicate } = await server.publish('scores', { name: 'goal', data: { minute: 12 } });
		expect(duplicate).toBe(false);
		expect(await server.publish('scores', { id, name: 'goal', data: { minute: 12 } })).toEqual({
			id,
			topic: 'scores',
			duplicate: true,
		});
	});

	it.each([
		['an invalid topic', 'a b', { name: 'goal' }, 'invalid_topic'],
		['an invalid id', 'scores', { name: 'goal', id: '7' }, 'invalid_event_id'],
		['no name', 'scores', {} as never, 'invalid_body'],
		['no event', 'scores', undefined as never, 'invalid_body'],
		['data of 9,000 characters', 'scores', { name: 'goal', data: 'x'.repeat(9_000) }, 'data_too_large'],
	])('rejects %s', async (_, topic, event, expected) => {
		expect(await connect().publish(topic, event).catch(code)).toBe(expected);
	});

	it('rejects with unauthorized, once, when the key is wrong', async () => {
		const asked: string[] = [];
		const counting: typeof fetch = (input, init) => {
			asked.push(String(input));
			return fetch(input, init);
		};
		const server = connect({ apiKey: 'an-unknown-key-of-a-test', fetch: counting });
		await expect(server.publish('scores', { name: 'goal' })).rejects.toMatchObject({
			code: 'unauthorized',
			status: 401,
			retryable: false,
		});
		expect(asked).toHaveLength(1);
	});
});

describe('video and end', () => {
	it('read the totals of a video, and end it', async () => {
		const server = connect();
		const token = await server.token({ user: 'ann' });
		await ask(token, 'POST', '/v1/videos/ends/likes', {});
		expect(await server.video('ends')).toMatchObject({ video: 'ends', totals: { heart: 1 }, viewers: 0 });
		expect(await server.end('ends')).toEqual({ video: 'ends', totals: { heart: 1 }, duplicate: false });
		expect((await server.end('ends')).duplicate).toBe(true);
		expect((await ask(token, 'POST', '/v1/videos/ends/likes', {})).body.code).toBe('video_ended');
	});

	it('reject invalid ids', async () => {
		const server = connect();
		expect(await server.video('').catch(code)).toBe('invalid_video_id');
		expect(await server.end('..').catch(code)).toBe('invalid_video_id');
		expect(() => server.comments('a/b')).toThrow(LikewireServerError);
	});
});

describe('comments', () => {
	it('reads comments newest first, over pages', async () => {
		const server = connect();
		const texts = ['one', 'two', 'three', 'four', 'five'];
		for (const text of texts) await comment(server, 'history', 'ann', text);
		const read: string[] = [];
		for await (const { text } of server.comments('history', { limit: 2 })) read.push(text);
		expect(read).toEqual(texts.toReversed());
		const page = await server.comments('history', { limit: 4 }).page();
		expect(page.comments).toHaveLength(4);
		const rest = await server.comments('history', { before: page.next ?? undefined }).page();
		expect(rest).toMatchObject({ comments: [{ text: 'one' }], next: null });
	});

	it('deletes a comment of any author, by its id or its name', async () => {
		const server = connect();
		const [first, second] = [await comment(server, 'mod', 'ann', 'one'), await comment(server, 'mod', 'bob', 'two')];
		expect(await server.moderate('mod', first)).toEqual({ id: first.id, duplicate: false });
		expect(await server.moderate('mod', second.id)).toEqual({ id: second.id, duplicate: false });
		expect((await server.moderate('mod', second.id)).duplicate).toBe(true);
		expect((await server.comments('mod').page()).comments).toEqual([]);
	});

	it('rejects an invalid or unknown comment', async () => {
		const server = connect();
		expect(await server.moderate('mod', 'x').catch(code)).toBe('invalid_comment_id');
		expect(await server.moderate('mod', undefined as never).catch(code)).toBe('invalid_comment_id');
		expect(await server.moderate('mod', crypto.randomUUID()).catch(code)).toBe('comment_not_found');
	});
});
