import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { testDirectory } from '../../test/temporary-directory.ts';
import { timelineOf } from '../../test/timeline.ts';
import { REAL_CLOCK } from '../runtime/clock.ts';
import { totalsOf } from '../state/counters.ts';
import { SAMPLE_SIZE } from '../state/sample.ts';
import type { Update } from '../state/update.ts';
import { createSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { createLikesService, type LikesService, type LikesServiceOptions } from './likes-service.ts';
import { createStoreHealth, type StoreHealth } from './store-health.ts';

const WORKER = new URL('../../dist/sqlite-worker.js', import.meta.url);
const TOPIC = 'video:v1';

let store: Store;
let service: LikesService;
let health: StoreHealth;
/** The published updates of the video, in order. */
let published: Update[];

const options = (): LikesServiceOptions => ({
	region: 'local',
	store,
	reactions: new Map([['heart', 'tap']]),
	commitWindowMs: 1,
	publish: (updates) => published.push(...[...updates].flatMap(([topic, update]) => (topic === TOPIC ? [update] : []))),
	health,
});

beforeEach(async () => {
	store = await createSqliteStore(testDirectory(), 'local', WORKER);
	published = [];
	health = createStoreHealth(store, pino({ level: 'silent' }));
	service = createLikesService(options());
	return async () => {
		await service.close();
		await store.close();
	};
});

const like = (id: string = randomUUID()) => service.like({ topic: 'video:v1', id, user: 'ann', type: 'heart' });

describe('LikesService', () => {
	it('publishes the state of its answer, with a sample of the counted likes', async () => {
		const answers = await Promise.all(Array.from({ length: 50 }, () => like()));
		const last = published.at(-1);
		expect(totalsOf(last?.rows ?? {})).toEqual({ heart: 50 });
		expect(Math.max(...answers.map(({ revision }) => revision))).toBe(50);
		const ids = new Set(answers.map(({ id }) => id));
		for (const { sample, complete } of published) {
			expect(complete).toBe(false);
			expect(sample.length).toBeGreaterThan(0);
			expect(sample.length).toBeLessThanOrEqual(SAMPLE_SIZE);
			for (const { id } of sample) expect(ids).toContain(id);
		}
	});

	it('publishes a duplicate again without a sample, for viewers that missed it', async () => {
		const { id } = await like();
		const before = published.length;
		expect(await like(id)).toMatchObject({ id, duplicate: true });
		expect(published.slice(before)).toMatchObject([{ sample: [] }]);
		expect(published.at(-1)?.rows).toEqual(published.at(-2)?.rows);
	});

	it('answers a repeated like as before, though its position is too old by now, and keeps the first position', async () => {
		const base = Date.now();
		let wallTime = base;
		const clock = { ...REAL_CLOCK, wallTime: () => wallTime };
		const service = createLikesService({ ...options(), clock });
		const one = { topic: TOPIC, id: randomUUID(), user: 'ann', type: 'heart', position: base - 59_500 };
		expect(await service.like(one)).toMatchObject({ duplicate: false });
		wallTime += 30_000;
		expect(await service.like(one)).toMatchObject({ id: one.id, duplicate: true, totals: { heart: 1 } });
		expect(await service.like({ ...one, position: base + 29_000 })).toMatchObject({ duplicate: true });
		await expect(service.like({ ...one, id: randomUUID() })).rejects.toMatchObject({ code: 'invalid_position' });
		expect((await timelineOf(store)).steps).toEqual([[Math.floor(one.position / 1_000), { heart: 1 }]]);
		await service.close();
	});

	it('publishes the row of its own region, and answers with the totals of all regions', async () => {
		const rows = { south: { epoch: 1, counts: { heart: [5, 0] as const } } };
		await store.replicate('south', new Map([['video:v1', rows]]));
		expect(await like()).toMatchObject({ totals: { heart: 6 }, revision: 6 });
		expect((await service.read('video:v1')).totals).toEqual({ heart: 6 });
		expect(published.map((update) => Object.keys(update.rows))).toEqual([['local']]);
		expect(totalsOf(published[0]?.rows ?? {})).toEqual({ heart: 1 });
	});

	it('refuses likes while too many wait, and counts every accepted one', async () => {
		const results = await Promise.allSettled(Array.from({ length: 21_000 }, () => like()));
		const refused = results.filter(({ status }) => status === 'rejected');
		expect(refused.length).toBeGreaterThan(0);
		expect(refused.length).toBeLessThanOrEqual(1_000);
		for (const result of refused) expect(result).toMatchObject({ reason: { code: 'overloaded', status: 503 } });
		expect((await service.read('video:v1')).totals).toEqual({ heart: 21_000 - refused.length });
		expect(await like()).toMatchObject({ duplicate: false });
	});

	it('commits the accepted likes before it closes, and takes no more', async () => {
		const taken = Array.from({ length: 100 }, () => like());
		const closed = service.close();
		await expect(like()).rejects.toMatchObject({ code: 'shutting_down', status: 503 });
		await closed;
		expect(totalsOf(published.at(-1)?.rows ?? {})).toEqual({ heart: 100 });
		await Promise.all(taken);
	});

	it('refuses likes without the store, is not healthy, and still closes', async () => {
		await like();
		expect(health.healthy).toBe(true);
		await store.close();
		await expect(like()).rejects.toMatchObject({ code: 'store_unavailable', status: 503 });
		await expect(service.read('video:v1')).rejects.toMatchObject({ code: 'store_unavailable' });
		expect(health.healthy).toBe(false);
		expect(published).toHaveLength(1);
	});
});
