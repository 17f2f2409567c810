import { describe, expect, it, vi } from 'vitest';
import { tapWrite } from '../../testing/queue-test.ts';
import { cleanUpAfterEach, eventually, likeAnswer, type StreamServerOptions } from '../../testing/stream-server.ts';
import { closedError } from '../errors.ts';
import { createIdentity } from '../identity.ts';
import type { KeyValueStorage } from './kept-taps.ts';
import { startQueue } from './start-queue.ts';

const { closing, serve } = cleanUpAfterEach();

/** A storage as apps have it: it answers later. */
function createStorage(): KeyValueStorage & { readonly items: Map<string, string> } {
	const items = new Map<string, string>();
	return {
		items,
		getAllKeys: async () => [...items.keys()],
		getItem: async (key) => items.get(key) ?? null,
		setItem: async (key, value) => items.set(key, value),
		removeItem: async (key) => items.delete(key),
	};
}

/** What a page has; it ends with `leave`. */
function open(url: string, storage: KeyValueStorage, { user = 'me', token }: { user?: string; token?: string } = {}) {
	const controller = new AbortController();
	const leave = () => controller.abort(closedError());
	closing.push(leave);
	const queue = startQueue({
		urls: [url],
		identity: createIdentity({ token, user }),
		closing: controller.signal,
		storage,
	});
	return { queue, leave };
}

const never: StreamServerOptions['onPost'] = () => {};

describe('a tap without an answer', () => {
	it('is sent by the next page of its user, with its id and its region', async () => {
		const storage = createStorage();
		const server = await serve({ onPost: (post, index) => index > 0 && post.answer(200, likeAnswer(post)) });
		const first = open(server.url, storage);
		const like = tapWrite();
		first.queue.push(like).catch(() => {});
		first.queue.locate('eu');
		await eventually(() => expect(server.posts).toHaveLength(1));
		first.leave();
		await eventually(() => expect([...storage.items.values()].join()).toContain('"region":"eu"'));
		const next = open(server.url, storage);
		next.queue.locate('us');
		await eventually(() => expect(server.posts).toHaveLength(2));
		expect(server.posts[1]?.body).toEqual({ ...like.body, region: 'eu' });
		await eventually(() => expect(storage.items.size).toBe(0));
	});

	it('from before the first stream is sent by the next page, wherever that is', async () => {
		const storage = createStorage();
		const server = await serve();
		const first = open(server.url, storage);
		const like = tapWrite();
		first.queue.push(like).catch(() => {});
		await eventually(() => expect(storage.items.size).toBe(1));
		first.leave();
		open(server.url, storage).queue.locate('us');
		await eventually(() => expect(server.posts.map(({ body }) => body)).toEqual([{ ...like.body, region: 'us' }]));
		await eventually(() => expect(storage.items.size).toBe(0));
	});

	it('is forgotten once it is answered or refused, and kept when a better token may do', async () => {
		const storage = createStorage();
		const codes = ['forbidden', 'video_ended', 'unauthorized'];
		const server = await serve({
			onPost(post, index) {
				const code = codes[index - 1];
				if (code === undefined) post.answer(201, likeAnswer(post));
				else post.answer(code === 'unauthorized' ? 401 : 403, { code, detail: 'No.' });
			},
		});
		const { queue } = open(server.url, storage);
		queue.locate('eu');
		await queue.push(tapWrite());
		for (const code of codes) await expect(queue.push(tapWrite())).rejects.toMatchObject({ code });
		await eventually(() => expect(storage.items.size).toBe(1));
	});

	it.each([
		['of another user', { user: 'ann' }, true],
		['of another token', { token: `a.${btoa('{"sub":"ann"}')}.c` }, true],
		['of a token that names nobody', { token: 'opaque' }, false],
	])('is left alone by a page %s', async (_, other, isNamed) => {
		const storage = createStorage();
		const server = await serve();
		const first = open(server.url, storage);
		first.queue.push(tapWrite()).catch(() => {});
		await eventually(() => expect(storage.items.size).toBe(1));
		first.leave();
		const asked = vi.spyOn(storage, 'getAllKeys');
		open(server.url, storage, other).queue.locate('eu');
		if (isNamed) await eventually(() => expect(asked).toHaveBeenCalled());
		await fetch(server.url, { method: 'POST', body: '{}' });
		expect(server.posts).toHaveLength(1);
		expect(storage.items.size).toBe(1);
	});

	it('is dropped after a day, and so is what cannot be read', async () => {
		const storage = createStorage();
		const server = await serve({ onPost: never });
		const first = open(server.url, storage);
		first.queue.push(tapWrite()).catch(() => {});
		await eventually(() => expect(storage.items.size).toBe(1));
		first.leave();
		const [key = '', text = ''] = [...storage.items][0] ?? [];
		const kept = JSON.parse(text);
		storage.items.set(key, JSON.stringify({ ...kept, at: kept.at - 24 * 60 * 60_000 }));
		storage.items.set(`${key}2`, '{');
		storage.items.set('of the page', '{');
		open(server.url, storage).queue.locate('eu');
		await eventually(() => expect([...storage.items.keys()]).toEqual(['of the page']));
	});

	it.each<[string, (storage: KeyValueStorage) => KeyValueStorage]>([
		[
			'denies everything',
			() => {
				const denied = () => {
					throw new Error('denied');
				};
				return { getAllKeys: denied, getItem: denied, setItem: denied, removeItem: denied };
			},
		],
		['is full', (storage) => ({ ...storage, setItem: () => Promise.reject(new Error('full')) })],
	])('is sent all the same where storage %s', async (_, change) => {
		const server = await serve();
		const { queue } = open(server.url, change(createStorage()));
		queue.locate('eu');
		expect(await queue.push(tapWrite())).toMatchObject({ duplicate: false });
	});
});
