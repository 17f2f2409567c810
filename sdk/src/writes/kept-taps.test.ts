import { describe, expect, it, vi } from 'vitest';
import { tapWrite } from '../../testing/queue-test.ts';
import {
	batchAnswer,
	cleanUpAfterEach,
	eventually,
	likeAnswer,
	type Post,
	type StreamServerOptions,
} from '../../testing/stream-server.ts';
import { closedError } from '../errors.ts';
import { createIdentity } from '../identity.ts';
import type { KeyValueStorage } from './kept-taps.ts';
import { startQueue } from './start-queue.ts';

const { closing, serve } = cleanUpAfterEach();

type Stored = KeyValueStorage & { readonly items: Map<string, string> };

/** Creates a storage as apps have it, which answers later. */
function createStorage(): Stored {
	const items = new Map<string, string>();
	return {
		items,
		getAllKeys: async () => [...items.keys()],
		getItem: async (key) => items.get(key) ?? null,
		setItem: async (key, value) => items.set(key, value),
		removeItem: async (key) => items.delete(key),
	};
}

/** Opens the queue of a page, which ends with `leave`. */
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

/** Returns a token of `ann` with rights that the SDK does not check. */
function tokenOf(rights: string): string {
	return `a.${btoa(JSON.stringify({ sub: 'ann', rights }))}.c`;
}

function answer(post: Post): void {
	post.answer(200, post.body.likes ? batchAnswer(post) : likeAnswer(post));
}

/** Stores these taps of a page that its user left before it had a stream. */
async function leaveTaps(url: string, storage: Stored, taps: readonly ReturnType<typeof tapWrite>[], token?: string) {
	const { queue, leave } = open(url, storage, token === undefined ? {} : { token });
	const before = storage.items.size;
	for (const like of taps) queue.push(like).catch(() => {});
	await eventually(() => expect(storage.items.size).toBe(before + taps.length));
	leave();
}

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

	it('is sent by the next page in its region, when it is from before the first stream', async () => {
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

	it('is removed once it is answered or refused for good, and kept when another token may pass', async () => {
		const storage = createStorage();
		const refusals = { video_ended: 409, id_conflict: 409, unknown_reaction: 400, forbidden: 403, unauthorized: 401 };
		const codes = Object.entries(refusals);
		const server = await serve({
			onPost(post, index) {
				const [code, status] = codes[index - 1] ?? [];
				if (status === undefined) post.answer(201, likeAnswer(post));
				else post.answer(status, { code, detail: 'No.' });
			},
		});
		const { queue } = open(server.url, storage);
		queue.locate('eu');
		await queue.push(tapWrite());
		for (const [code, status] of codes) {
			const like = tapWrite();
			await expect(queue.push(like)).rejects.toMatchObject({ code });
			const isKept = () => [...storage.items.keys()].some((key) => key.endsWith(like.tap));
			await eventually(() => expect(isKept()).toBe(status === 401 || status === 403));
		}
	});

	it('is kept when a server other than a gateway refuses it', async () => {
		const storage = createStorage();
		const server = await serve({ onPost: (post) => post.answer(403, '<html>', { 'Content-Type': 'text/html' }) });
		const { queue } = open(server.url, storage);
		queue.locate('eu');
		await expect(queue.push(tapWrite())).rejects.toMatchObject({ code: 'unexpected_answer' });
		queue.push(tapWrite()).catch(() => {});
		await eventually(() => expect(storage.items.size).toBe(2));
	});

	it('costs a page without the right to it one request for each video, and is sent by the next page with it', async () => {
		const storage = createStorage();
		const right = tokenOf('v1, v2, v3');
		const server = await serve({
			onPost(post) {
				if (post.headers.authorization === `Bearer ${right}` || post.path.includes('videos/v3')) answer(post);
				else post.answer(403, { code: 'forbidden', detail: 'No.' });
			},
		});
		const taps = ['v1', 'v1', 'v1', 'v2', 'v2', 'v3', 'v3'].map((video) => tapWrite(video));
		await leaveTaps(server.url, storage, taps, right);
		const wrong = open(server.url, storage, { token: tokenOf('v3') });
		wrong.queue.locate('eu');
		await eventually(() => expect(storage.items.size).toBe(5));
		await wrong.queue.push(tapWrite('v3'));
		const sentTo = (video: string) => server.posts.filter(({ path }) => path.includes(`videos/${video}/`));
		await eventually(() => expect([sentTo('v1'), sentTo('v2')].map(({ length }) => length)).toEqual([1, 1]));
		wrong.leave();
		open(server.url, storage, { token: right }).queue.locate('eu');
		await eventually(() => expect(storage.items.size).toBe(0));
		const resent = [...sentTo('v1').slice(1), ...sentTo('v2').slice(1)].flatMap(({ body }) => body.likes ?? [body]);
		const ids = resent.map((like: { id: string }) => like.id);
		expect(new Set(ids)).toEqual(new Set(taps.slice(0, 5).map((like) => like.tap)));
	});

	it.each([
		['of another user', { user: 'ann' }, true],
		['of another token', { token: `a.${btoa('{"sub":"ann"}')}.c` }, true],
		['of a token that names no user', { token: 'opaque' }, false],
	])('is not touched by a page %s', async (_, other, isNamed) => {
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

	it('is dropped after 1 day, as is stored text that cannot be read', async () => {
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

	it('is dropped when it expired by the page of any user and any gateway', async () => {
		const storage = createStorage();
		const server = await serve();
		await leaveTaps(server.url, storage, [tapWrite()], tokenOf('v1'));
		const [[key = '', text = ''] = []] = [...storage.items];
		const kept = JSON.parse(text);
		const old = JSON.stringify({ ...kept, at: kept.at - 24 * 60 * 60_000 });
		storage.items.set(key, old);
		storage.items.set('likewire-tap https://other.example bob 1', old);
		storage.items.set('likewire-tap https://other.example bob 2', text);
		open(server.url, storage, { token: 'opaque' });
		await eventually(() => expect([...storage.items.keys()]).toEqual(['likewire-tap https://other.example bob 2']));
	});

	it('makes room for a newer one: the newest 1,000 of a user are kept', async () => {
		const storage = createStorage();
		const server = await serve();
		await leaveTaps(server.url, storage, [tapWrite()]);
		const [[key = '', text = ''] = []] = [...storage.items];
		const owner = key.slice(0, key.lastIndexOf(' '));
		storage.items.clear();
		for (let n = 1_000; n > 0; n--) storage.items.set(`${owner} 0190-${n + 1_000}`, text);
		storage.items.set('likewire-tap https://other.example bob 1', text);
		const newer = [tapWrite(), tapWrite(), tapWrite()];
		const { queue } = open(server.url, storage);
		for (const like of newer) queue.push(like).catch(() => {});
		await eventually(() => expect(storage.items.has(`${owner} ${newer[2]?.tap}`)).toBe(true));
		const own = [...storage.items.keys()].filter((key) => key.startsWith(owner)).sort();
		expect(own).toHaveLength(1_000);
		expect(own[0]).toBe(`${owner} 0190-1004`);
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
	])('is still sent where storage %s', async (_, change) => {
		const server = await serve();
		const { queue } = open(server.url, change(createStorage()));
		queue.locate('eu');
		expect(await queue.push(tapWrite())).toMatchObject({ duplicate: false });
	});
});
