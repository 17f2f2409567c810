import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { beforeEach, expect, it } from 'vitest';
import { testDirectory } from '../../test/temporary-directory.ts';
import { createSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { type CommentReads, createCommentReads } from './comment-reads.ts';
import { createStoreHealth } from './store-health.ts';

const WORKER = new URL('../../dist/sqlite-worker.js', import.meta.url);

let store: Store;
let reads: CommentReads;
/** The number of reads of comments in the store. */
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

it('reads the newest comments once for 10,000 callers at the same time', async () => {
	await write('hello');
	const pages = await Promise.all(Array.from({ length: 10_000 }, () => reads.page('v1', undefined, 50)));
	expect(asked).toBe(1);
	for (const page of pages) expect(page).toBe(pages[0]);
	expect(pages[0]?.comments.map(({ text }) => text)).toEqual(['hello']);
});

it('reads an older page once for callers at the same time, and keeps the newest page for a second', async () => {
	for (const text of ['one', 'two', 'three']) await write(text);
	const { next } = await reads.page('v1', undefined, 2);
	await reads.page('v1', undefined, 2);
	expect(asked).toBe(1);
	await Promise.all(Array.from({ length: 1_000 }, () => reads.page('v1', next ?? '', 2)));
	expect(asked).toBe(2);
	await reads.page('v1', next ?? '', 2);
	expect(asked).toBe(3);
});

it('returns a write of this node with the next page', async () => {
	await reads.page('v1', undefined, 50);
	await write('hello');
	expect((await reads.page('v1', undefined, 50)).comments).toHaveLength(0);
	reads.changed('v1');
	expect((await reads.page('v1', undefined, 50)).comments).toHaveLength(1);
});

it('returns a write of another node after a second', async () => {
	await reads.page('v1', undefined, 50);
	await write('hello');
	await expect.poll(async () => (await reads.page('v1', undefined, 50)).comments).toHaveLength(1);
});

it('rejects an invalid cursor for each caller, and stays healthy', async () => {
	for (let time = 0; time < 2; time++) {
		await expect(reads.page('v1', 'nowhere', 50)).rejects.toMatchObject({ code: 'invalid_cursor', status: 400 });
	}
	expect((await reads.page('v1', undefined, 50)).comments).toEqual([]);
});
