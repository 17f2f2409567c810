import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { testDirectory } from '../../test/temporary-directory.ts';
import type { Register } from '../state/kinds/register.ts';
import type { Update } from '../state/update.ts';
import { createSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { createSignalClock, ORDERS_PER_MS } from './signal-clock.ts';
import { createSignals, type ReceiptRequest, type Signals } from './signals.ts';
import { createStoreHealth } from './store-health.ts';

const WORKER = new URL('../../dist/sqlite-worker.js', import.meta.url);
const TOPIC = 'conversation:c1';

let store: Store;
let signals: Signals;
/** The published updates, in order. */
let published: [topic: string, update: Update][];

beforeEach(async () => {
	store = await createSqliteStore(testDirectory(), 'local', WORKER);
	published = [];
	const orders = createSignalClock({ store, logger: pino({ level: 'silent' }) });
	signals = createSignals({
		region: 'local',
		store,
		commitWindowMs: 1,
		publish: (updates) => published.push(...updates),
		health: createStoreHealth(store, pino({ level: 'silent' })),
		orders,
	});
	return async () => {
		orders.close();
		await signals.close();
		await store.close();
	};
});

const say = (id: string, at: number) =>
	store.append([{ kind: 'append', topic: TOPIC, id, user: '', event: 'custom', data: { name: 'message' }, at }]);
const receive = (message: string, state: ReceiptRequest['state'], user = 'ann') =>
	signals.receipt({ conversation: 'c1', user, message, state });
const stored = async () => (await store.values([TOPIC])).get(TOPIC)?.receipt ?? {};
const valuesOf = (kind: string, key: string) =>
	published.flatMap(([, { values }]) => values?.[kind]?.[key] ?? []) as Register[];

describe('Signals.typing', () => {
	it('publishes at once the newest signal of the user, and stores nothing', async () => {
		for (const typing of [true, false, true]) signals.typing('c1', 'ann', typing);
		signals.typing('c1', 'bob', true);
		expect(published.map(([topic]) => topic)).toEqual(Array(4).fill(TOPIC));
		const said = valuesOf('typing', 'local/ann');
		expect(said.map(({ value }) => value)).toEqual([true, false, true]);
		const orders = said.map(({ order }) => order);
		expect(new Set(orders).size).toBe(3);
		expect(orders).toEqual([...orders].sort((a, b) => a - b));
		expect(orders[0]).toBeGreaterThan((Date.now() - 10_000) * ORDERS_PER_MS);
		expect(orders[2]).toBeLessThan((Date.now() + 10) * ORDERS_PER_MS);
		expect(await store.values([TOPIC])).toEqual(new Map());
	});
});

describe('Signals.custom', () => {
	const goal = (id: string) => ({ topic: 'topic:scores', id, name: 'goal', data: { by: 'ann' } });

	it('publishes a signal under its name, and stores nothing', async () => {
		expect(signals.custom(goal('g1'))).toEqual({ duplicate: false });
		expect(published[0]?.[0]).toBe('topic:scores');
		const value = { topic: 'scores', data: { by: 'ann' }, at: expect.any(Number) };
		expect(valuesOf('custom', 'local/goal')).toEqual([{ order: expect.any(Number), value, from: 'local' }]);
		expect(await store.values(['topic:scores'])).toEqual(new Map());
	});

	it('does not publish a signal again with the same id', () => {
		expect(signals.isKnown('topic:scores', 'g1')).toBe(false);
		for (const duplicate of [false, true, true]) expect(signals.custom(goal('g1'))).toEqual({ duplicate });
		expect(signals.isKnown('topic:scores', 'g1')).toBe(true);
		expect(signals.custom({ ...goal('g1'), topic: 'topic:other' })).toEqual({ duplicate: false });
		expect(signals.custom(goal('g2'))).toEqual({ duplicate: false });
		expect(published.map(([topic]) => topic)).toEqual(['topic:scores', 'topic:other', 'topic:scores']);
	});

	it('remembers the ids of the last 10,000 signals', () => {
		for (let index = 0; index <= 10_000; index++) signals.custom(goal(`g${index}`));
		expect(['g0', 'g1', 'g10000'].map((id) => signals.isKnown('topic:scores', id))).toEqual([false, true, true]);
	});
});

describe('Signals.receipt', () => {
	it('stores, then publishes, a receipt with the order of its message', async () => {
		await say('m1', 1_000);
		await say('m2', 1_000);
		await receive('m2', 'read');
		const { 'read:ann': register } = await stored();
		expect(register).toMatchObject({ value: 'm2', from: 'local' });
		expect(valuesOf('receipt', 'read:ann')).toEqual([register]);
	});

	it('ignores a receipt for an earlier message', async () => {
		await say('m1', 1_000);
		await say('m2', 2_000);
		await receive('m2', 'read');
		await receive('m1', 'read');
		expect(await stored()).toMatchObject({ 'read:ann': { value: 'm2' } });
	});

	it('ignores delivered after read', async () => {
		await say('m1', 1_000);
		await say('m2', 2_000);
		await receive('m1', 'read');
		const before = published.length;
		await receive('m1', 'delivered');
		expect(published).toHaveLength(before);
		await receive('m2', 'delivered');
		expect(await stored()).toMatchObject({ 'read:ann': { value: 'm1' }, 'delivered:ann': { value: 'm2' } });
		await receive('m1', 'delivered', 'bob');
		expect(await stored()).toMatchObject({ 'delivered:bob': { value: 'm1' } });
	});

	it('refuses an unknown message, and stores nothing', async () => {
		await say('m1', 1_000);
		await expect(receive('m9', 'read')).rejects.toMatchObject({ code: 'message_not_found', status: 404 });
		expect(await stored()).toEqual({});
		expect(published).toEqual([]);
	});

	it('takes the last receipt as the newest when the store has no message of the conversation', async () => {
		await receive('m7', 'read');
		await receive('m7', 'delivered');
		expect(Object.keys(await stored())).toEqual(['read:ann']);
		await receive('m8', 'read');
		const { 'read:ann': read } = await stored();
		expect(read).toMatchObject({ value: 'm8', from: 'local' });
		expect(read?.order).toBeGreaterThan((Date.now() - 10_000) * ORDERS_PER_MS);
	});

	it('exceeds the stored receipts of such a conversation after a clock was set back', async () => {
		const order = (Date.now() + 86_400_000) * ORDERS_PER_MS;
		const receipt = { 'read:ann': { order, value: 'm7', from: 'local' } };
		await store.keepValues(new Map([[TOPIC, { receipt }]]));
		await receive('m8', 'read');
		expect(await stored()).toEqual({ 'read:ann': { order: order + 1, value: 'm8', from: 'local' } });
	});

	it('moves to the newest of many messages within a second', async () => {
		const ids = Array.from({ length: 1_500 }, (_, index) => `m${index}`);
		await store.append(
			ids.map((id) => ({
				kind: 'append',
				topic: TOPIC,
				id,
				user: '',
				event: 'custom',
				data: { name: 'message' },
				at: 1_000,
			})),
		);
		for (const id of ['m998', 'm999', 'm1000', 'm1499']) {
			await receive(id, 'read');
			expect(await stored()).toMatchObject({ 'read:ann': { value: id } });
		}
	});

	it('stores many receipts in few transactions', async () => {
		await Promise.all(Array.from({ length: 200 }, (_, index) => receive('m1', 'read', `user-${index}`)));
		expect(Object.keys(await stored())).toHaveLength(200);
		expect(published.length).toBeLessThan(50);
	});
});
