import { MAX_TIMELINE_POINTS } from '@likewire/protocol';
import { pino } from 'pino';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { like } from '../../test/like-commands.ts';
import { testDirectory } from '../../test/temporary-directory.ts';
import { createSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { createStoreHealth } from './store-health.ts';
import { createTimelines, type RemoteTimelines, type Timelines } from './timelines.ts';

const WORKER = new URL('../../dist/sqlite-worker.js', import.meta.url);
const SECOND = 1_700_000_000;
const DAY = 86_400;

let store: Store;
let south: Store;
beforeEach(async () => {
	store = await createSqliteStore(testDirectory(), 'north', WORKER);
	south = await createSqliteStore(testDirectory(), 'south', WORKER);
	return async () => {
		await store.close();
		await south.close();
	};
});

function timelinesWith(remote?: RemoteTimelines, own: Pick<Store, 'timeline' | 'read'> = store): Timelines {
	const health = createStoreHealth(store, pino({ level: 'silent' }));
	return createTimelines({ store: own, health, ...(remote && { remote }) });
}

/** Likes the video once at each second. */
const likeAt = (target: Store, seconds: readonly number[]) =>
	target.commit(seconds.map((second) => like({ position: second * 1_000 })));

const every = (step: number, count: number, from = SECOND) =>
	Array.from({ length: count }, (_, index) => from + index * step);

describe('Timelines.page', () => {
	const remote = (): RemoteTimelines => ({ regions: ['south'], timeline: (_, range) => south.timeline(range) });

	it('pages through the reactions of all regions, each once', async () => {
		await likeAt(store, every(2, 3_000));
		await likeAt(south, every(3, 3_000));
		await likeAt(south, every(1, 2_000, SECOND + 20_000));
		const timelines = timelinesWith(remote());
		const points: (readonly number[])[] = [];
		const sizes: number[] = [];
		let from: number | undefined = SECOND - 100;
		while (from !== undefined) {
			const page = await timelines.page('v1', { step: 1, from });
			expect(page.missing).toEqual([]);
			points.push(...page.points);
			sizes.push(page.points.length);
			from = page.next === null ? undefined : page.next / 1_000;
		}
		const seconds = [...every(2, 3_000), ...every(3, 3_000), ...every(1, 2_000, SECOND + 20_000)];
		const sums = new Map<number, number>();
		for (const second of seconds) sums.set(second, (sums.get(second) ?? 0) + 1);
		expect(points).toEqual([...sums].sort(([a], [b]) => a - b).map(([second, count]) => [second * 1_000, count]));
		expect(Math.max(...sizes)).toBe(MAX_TIMELINE_POINTS);
	});

	it('leaves a region out of a page, whole, and names it, when it does not answer', async () => {
		await likeAt(store, every(1, 10));
		await likeAt(south, every(1, 10));
		let answers = true;
		const timelines = timelinesWith({
			regions: ['south'],
			timeline: (_, range) => (answers ? south.timeline(range) : Promise.reject(new Error('away'))),
		});
		expect(await timelines.page('v1', { step: 60 })).toMatchObject({ missing: [], next: null });
		answers = false;
		timelines.changed('v1');
		const page = await timelines.page('v1', { step: 60 });
		expect(page).toMatchObject({ missing: ['south'], totals: { heart: 10 } });
		expect(page.points.reduce((sum, [, count]) => sum + (count ?? 0), 0)).toBe(10);
	});

	it('reads once for callers at the same time, and again after a like on this node', async () => {
		const read = vi.fn(store.timeline);
		const timelines = timelinesWith(undefined, { ...store, timeline: read });
		const page = () => timelines.page('v1', { step: 1 });
		await Promise.all(Array.from({ length: 500 }, page));
		expect(read).toHaveBeenCalledTimes(1);
		await likeAt(store, [SECOND]);
		timelines.changed('v1');
		expect((await page()).points).toEqual([[SECOND * 1_000, 1]]);
		expect(read).toHaveBeenCalledTimes(2);
	});

	it('reads a large timeline at most once a second, whatever changes', async () => {
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
		onTestFinished(() => void vi.useRealTimers());
		await likeAt(store, every(1, 1_000));
		const read = vi.fn(store.timeline);
		const timelines = timelinesWith(undefined, { ...store, timeline: read });
		const page = async () => (await timelines.page('v1', { step: 1 })).points.length;
		await page();
		await likeAt(store, [SECOND - 10]);
		timelines.changed('v1');
		expect(await page()).toBe(1_000);
		expect(read).toHaveBeenCalledTimes(1);
		vi.advanceTimersByTime(1_000);
		expect(await page()).toBe(1_001);
	});

	it('is unavailable without the store', async () => {
		await store.close();
		const timelines = timelinesWith();
		await expect(timelines.page('v1', { step: 1 })).rejects.toMatchObject({ code: 'store_unavailable' });
		await expect(timelines.highlights('v1', 5)).rejects.toMatchObject({ code: 'store_unavailable' });
	});
});

describe('Timelines.highlights', () => {
	it('has those of all regions in the day before the newest reaction', async () => {
		const peak = (count: number, at: number) => Array(count).fill(at) as number[];
		await likeAt(store, [
			...peak(50, SECOND - 2 * DAY),
			...peak(10, SECOND - DAY + 100),
			...every(60, 60, SECOND - 7_200),
		]);
		await likeAt(south, [...peak(20, SECOND - 5_000), SECOND]);
		const timelines = timelinesWith({ regions: ['south'], timeline: (_, range) => south.timeline(range) });
		const { highlights, missing } = await timelines.highlights('v1', 2);
		expect(missing).toEqual([]);
		expect(highlights.map(({ counts }) => counts.heart)).toEqual([20, 10]);
		expect((await timelines.highlights('v1', 1)).highlights).toEqual(highlights.slice(0, 1));
	});

	it('names a region that sends only a part', async () => {
		await likeAt(store, [SECOND - 1_000, ...every(0, 9)]);
		await likeAt(south, every(0, 30));
		let left = 1;
		const timelines = timelinesWith({
			regions: ['south'],
			timeline: (_, range) => (left-- > 0 ? south.timeline(range) : Promise.reject(new Error('away'))),
		});
		const { highlights, missing } = await timelines.highlights('v1', 5);
		expect([highlights[0]?.counts, missing]).toEqual([{ heart: 9 }, ['south']]);
	});
});
