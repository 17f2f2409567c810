import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { testDirectory } from '../../test/temporary-directory.ts';
import { NO_LIKES, totalsOf } from '../state/counters.ts';
import { videoTopic } from '../state/topics/topic.ts';
import type { Pruned } from '../store/log-store.ts';
import { createSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { type LikeCommand, type Store, StoreError } from '../store/store.ts';
import { createRetention } from './retention.ts';

const WORKER = new URL('../../dist/sqlite-worker.js', import.meta.url);
const DAY_MS = 86_400_000;
const NOW = Date.now();
const logger = pino({ level: 'silent' });

let store: Store;
beforeEach(async () => {
	store = await createSqliteStore(testDirectory(), 'local', WORKER);
	return () => store.close();
});

const like = (video: string): LikeCommand => ({
	kind: 'like',
	topic: videoTopic(video),
	id: randomUUID(),
	user: 'ann',
	type: 'heart',
	once: false,
	at: NOW,
});
const end = (video: string, at: number) => store.append([{ kind: 'end', topic: videoTopic(video), at }]);
const heartsOf = async (video: string) =>
	totalsOf((await store.read([videoTopic(video)])).get(videoTopic(video)) ?? NO_LIKES).heart;

describe('Retention', () => {
	it('deletes likes after its number of days in small batches, and keeps totals and comments', async () => {
		for (const video of ['old', 'young', 'live']) await store.commit(Array.from({ length: 1_200 }, () => like(video)));
		await store.append([
			{ kind: 'append', topic: 'video:old', id: 'c1', user: 'ann', event: 'comment', data: { text: 'hello' }, at: NOW },
		]);
		await end('old', NOW - 8 * DAY_MS);
		await end('young', NOW - 6 * DAY_MS);
		const prune = vi.fn(store.prune);
		const retention = createRetention({ store: { prune }, days: 7, logger });
		// The first round began with the start.
		expect(await retention.round(NOW)).toBe(0);
		const pruned = await Promise.all(prune.mock.results.map(({ value }) => value as Promise<Pruned>));
		expect(pruned.reduce((sum, { likes }) => sum + likes, 0)).toBe(1_200);
		for (const [, limit] of prune.mock.calls) expect(limit).toBeLessThanOrEqual(1_000);
		for (const video of ['old', 'young', 'live']) expect(await heartsOf(video)).toBe(1_200);
		expect((await store.history('video:old', undefined, 10)).comments).toHaveLength(1);
		expect(await retention.round(NOW)).toBe(0);
		expect(await retention.round(NOW + 2 * DAY_MS)).toBe(1_200);
		expect(await retention.round(NOW + 1_000 * DAY_MS)).toBe(0);
		await retention.close();
	});

	it('keeps likes with 0 days', async () => {
		await store.commit([like('old')]);
		await end('old', 1);
		const prune = vi.fn(store.prune);
		const retention = createRetention({ store: { prune }, days: 0, logger });
		expect(await retention.round()).toBe(0);
		expect(prune).not.toHaveBeenCalled();
		await retention.close();
	});

	it('retries after a failure of the store', async () => {
		const prune = vi
			.fn<Store['prune']>()
			.mockRejectedValueOnce(new StoreError('away'))
			.mockResolvedValue({ likes: 3, more: false });
		const retention = createRetention({ store: { prune }, days: 1, logger });
		expect(await retention.round()).toBe(3);
		await retention.close();
	});

	it('closes after the current batch', async () => {
		const prune = vi.fn<Store['prune']>(async (_, limit) => ({ likes: limit, more: true }));
		const retention = createRetention({ store: { prune }, days: 1, logger });
		await expect.poll(() => prune).toHaveBeenCalled();
		await retention.close();
		const before = prune.mock.calls.length;
		expect(await retention.round()).toBe(0);
		expect(prune).toHaveBeenCalledTimes(before);
		await retention.close();
	});
});
