import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { beforeEach, expect, it, vi } from 'vitest';
import { testDirectory } from '../../test/temporary-directory.ts';
import { createSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { type CommentReads, createCommentReads } from './comment-reads.ts';
import { createStoreHealth } from './store-health.ts';

const WORKER = new URL('../../dist/sqlite-worker.js', import.meta.url);

let store: Store;
let reads: CommentReads;
/** How often the store was asked for comments. */
let asked: number;

beforeEach(async () => {
	store = await createSqliteStore(testDirectory(), 'local', WORKER);
	asked = 0;
	const counting: Store = {
		...store,
		history: (...question) => {
			asked++;
			return store.history(...question);
		},
	};
	const health = createStoreHealth(store, pino({ level: 'silent' }));
	reads = createCommentReads({ store: counting, health });
	return () => store.close();
});

const write = (text: string) =>
	store.append([
		{ kind: 'append', topic: 'video:v1', id: randomUUID(), user: 'ann', event: 'comment', data: { text }, at: 1 },
	]);

it('ten thousand who ask for the newest comments at once ask the store once', async () => {
	await write('hello');
	const pages = await Promise.all(Array.from({ length: 10_000 }, () => reads.page('v1', undefined, 50)));
	expect(asked).toBe(1);
	for (const page of pages) expect(page).toBe(pages[0]);
	expect(pages[0]?.comments.map(({ text }) => text)).toEqual(['hello']);
});

it('so do those who ask for the same older ones, and those who come a moment later for the newest', async () => {
	for (const text of ['one', 'two', 'three']) await write(text);
	const { next } = await reads.page('v1', undefined, 2);
	await reads.page('v1', undefined, 2);
	expect(asked).toBe(1);
	await Promise.all(Array.from({ length: 1_000 }, () => reads.page('v1', next ?? '', 2)));
	expect(asked).toBe(2);
	await reads.page('v1', next ?? '', 2);
	expect(asked).toBe(3);
});

it('what was written here is on the page of whoever asks next', async () => {
	await reads.page('v1', undefined, 50);
	await write('hello');
	expect((await reads.page('v1', undefined, 50)).comments).toHaveLength(0);
	reads.changed('v1');
	expect((await reads.page('v1', undefined, 50)).comments).toHaveLength(1);
});

it('what was written elsewhere is on it after a second', async () => {
	await reads.page('v1', undefined, 50);
	await write('hello');
	await vi.waitFor(async () => expect((await reads.page('v1', undefined, 50)).comments).toHaveLength(1), 3_000);
});

it('a place that is none is refused to each, and is not the fault of the store', async () => {
	for (let time = 0; time < 2; time++) {
		await expect(reads.page('v1', 'nowhere', 50)).rejects.toMatchObject({ code: 'invalid_cursor', status: 400 });
	}
	expect((await reads.page('v1', undefined, 50)).comments).toEqual([]);
});
