import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECEIPT } from '../src/state/kinds/receipt.ts';
import type { Register } from '../src/state/kinds/register.ts';
import { mergeValues, type Values } from '../src/state/registers.ts';
import { commentTopic } from '../src/state/topics/topic.ts';
import { type LikeCommand, type Store, StoreError } from '../src/store/store.ts';
import { like as newLike } from './like-commands.ts';
import { comment, endOf, TOPIC } from './log-commands.ts';
import { type StorePlace, usePlace } from './store-place.ts';

/** Tests the values of a store, and the removal of old likes. */
export function describeValues(name: string, makePlace: () => StorePlace): void {
	let place: StorePlace;
	let store: Store;
	usePlace(makePlace, (opened, at) => {
		place = at;
		store = opened;
	});

	const registerOf = (order: number, value: unknown, from = 'north'): Register => ({ order, value, from });
	const keep = (values: Record<string, Values>) => store.keepValues(new Map(Object.entries(values)));
	const valuesOf = async (topic: string) => (await store.values([topic])).get(topic);

	describe(`${name}: a value`, () => {
		it('is kept by topic, kind and key, with its region, also after the store is reopened', async () => {
			const presence = {
				north: registerOf(5, { online: true, lastSeen: 5 }),
				south: registerOf(1.5, { online: false, lastSeen: null }, 'south'),
			};
			const receipt = { 'read:ann': registerOf(2 ** 53 - 1, 'm1'), 'delivered:ann': registerOf(0, 'm2') };
			await keep({ 'user:ann': { presence }, 'conversation:c1': { receipt } });
			await store.close();
			store = await place.open();
			expect(await store.values(['user:ann', 'conversation:c1', 'user:bob', 'user:ann'])).toEqual(
				new Map<string, Values>([
					['user:ann', { presence }],
					['conversation:c1', { receipt }],
				]),
			);
			expect(await store.values([])).toEqual(new Map());
		});

		it('is replaced by a value of a higher order only', async () => {
			await keep({
				'conversation:c1': { receipt: { 'read:ann': registerOf(5, 'm5'), 'read:bob': registerOf(9, 'm9') } },
			});
			await keep({
				'conversation:c1': { receipt: { 'read:ann': registerOf(6, 'm6', 'south'), 'read:bob': registerOf(8, 'm8') } },
			});
			expect(await valuesOf('conversation:c1')).toEqual({
				receipt: { 'read:ann': registerOf(6, 'm6', 'south'), 'read:bob': registerOf(9, 'm9') },
			});
		});

		it('is kept only if its kind is stored', async () => {
			await keep({
				'conversation:c1': { typing: { ann: registerOf(1, true) }, receipt: { 'read:ann': registerOf(1, 'm1') } },
				[TOPIC]: { viewers: { north: registerOf(1, 7) } },
			});
			expect(await store.values(['conversation:c1', TOPIC])).toEqual(
				new Map([['conversation:c1', { receipt: { 'read:ann': registerOf(1, 'm1') } }]]),
			);
		});

		it('of the lowest order is dropped if a topic has more than its kind allows', async () => {
			const most = RECEIPT.maxKeys;
			const many = Array.from({ length: most }, (_, index) => [`read:u${index}`, registerOf(10 + index, 'm')] as const);
			await keep({ 'conversation:c1': { receipt: Object.fromEntries(many) } });
			await keep({ 'conversation:c2': { receipt: { 'read:u0': registerOf(1, 'm') } } });
			await keep({
				'conversation:c1': { receipt: { 'read:new': registerOf(99_999, 'm'), 'read:old': registerOf(1, 'm') } },
			});
			const { receipt = {} } = (await valuesOf('conversation:c1')) ?? {};
			expect(Object.keys(receipt)).toHaveLength(most);
			expect(['read:new', 'read:old', 'read:u0', 'read:u1'].map((key) => key in receipt)).toEqual([
				true,
				false,
				false,
				true,
			]);
			expect(await valuesOf('conversation:c2')).toBeDefined();
		});

		it('may have any text, but no name that cannot be stored', async () => {
			const texts = ["'; DROP TABLE registers; --", '\u202e\0\ud800', '"\\'];
			for (const [index, text] of texts.entries()) {
				await keep({ 'conversation:c1': { receipt: { 'read:ann': registerOf(index, text) } } });
				expect(await valuesOf('conversation:c1')).toEqual({ receipt: { 'read:ann': registerOf(index, text) } });
			}
			const refused = keep({ 'conversation:c1': { receipt: { 'read:\0': registerOf(9, 'm') } } });
			await expect(refused).rejects.toThrow(/U\+0000/);
			await expect(refused).rejects.toBeInstanceOf(StoreError);
		});

		it('is the same in any order of writes, also repeated ones', async () => {
			const register = fc.record({
				order: fc.nat(3),
				value: fc.constantFrom('a', 'b', 'c'),
				from: fc.constant('south'),
			});
			const receipt = fc.dictionary(fc.constantFrom('read:ann', 'read:bob'), register, { minKeys: 1 });
			let run = 0;
			await fc.assert(
				fc.asyncProperty(fc.array(receipt, { minLength: 1, maxLength: 6 }), async (writes) => {
					const [one, other] = [`conversation:one-${++run}`, `conversation:other-${run}`];
					for (const values of writes) await keep({ [one]: { receipt: values } });
					for (const values of [...writes, ...writes].reverse()) await keep({ [other]: { receipt: values } });
					const merged = writes.reduce<Values | undefined>((sum, values) => mergeValues(sum, { receipt: values }), {});
					expect(await valuesOf(one)).toEqual(merged);
					expect(await valuesOf(other)).toEqual(merged);
				}),
				{ numRuns: 30 },
			);
		});
	});

	describe(`${name}: the clock of a region`, () => {
		it('only rises, also after the store is reopened', async () => {
			const from = Date.now();
			const { at, wallTime } = await store.raiseClock(0);
			expect(at).toBe(0);
			expect(wallTime).toBeGreaterThanOrEqual(from);
			expect(wallTime).toBeLessThanOrEqual(Date.now());
			expect((await store.raiseClock(1_000)).at).toBe(1_000);
			expect((await store.raiseClock(500)).at).toBe(1_000);
			await store.close();
			store = await place.open();
			expect((await store.raiseClock(0)).at).toBe(1_000);
		});
	});

	describe(`${name}: prune`, () => {
		const like = (topic: string, more: Partial<LikeCommand> = {}) =>
			newLike({ topic, user: randomUUID(), at: 1, ...more });
		const manyOf = (topic: string, count: number) => Array.from({ length: count }, () => like(topic));
		const countsOf = async (topic: string) => Object.values((await store.read([topic])).get(topic) ?? {})[0]?.counts;

		it('removes likes of videos that ended before, in parts, and keeps totals and comments', async () => {
			const old = manyOf('video:old', 5);
			const one = comment({ topic: 'video:old' });
			await store.commit([...old, ...manyOf('video:late', 3), ...manyOf('video:live', 3)]);
			await store.append([one, endOf('video:old', 10), endOf('video:late', 20)]);
			const before = await countsOf('video:old');
			expect(await store.prune(10, 10)).toEqual({ likes: 0, more: false });
			const parts = [await store.prune(15, 2), await store.prune(15, 2), await store.prune(15, 2)];
			expect(parts.map(({ likes }) => likes)).toEqual([2, 2, 1]);
			expect(parts.slice(0, 2).map(({ more }) => more)).toEqual([true, true]);
			expect(await store.prune(15, 2)).toEqual({ likes: 0, more: false });
			expect(await countsOf('video:old')).toEqual(before);
			expect((await store.find('video:old', one.id))[0]?.event.kind).toBe('comment');
			// A late copy of a removed like does not count again.
			const { outcomes } = await store.commit([...old, { ...(old[0] as LikeCommand), kind: 'takeBack' }]);
			expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['videoEnded']));
			expect(await store.prune(99, 100)).toEqual({ likes: 3, more: false });
		});

		it('removes likes of comments of these videos, and of no others, and keeps their totals', async () => {
			// Ids with dots that end or begin as another id.
			const videos = ['v1', 'not.v1', 'v1.not'] as const;
			const comments = videos.map((video) => comment({ topic: `video:${video}` }));
			await store.append(comments);
			const topics = videos.map((video, index) => commentTopic({ video, id: comments[index]?.id ?? '', user: 'ann' }));
			const likes = topics.flatMap((topic) => manyOf(topic, 5));
			const claps = topics.map((topic) => like(topic, { type: 'clap', once: true, user: 'ann' }));
			await store.commit([...likes, ...claps, ...manyOf('video:v1', 2)]);
			await store.append([endOf('video:v1', 10)]);
			const pruned = [];
			do pruned.push(await store.prune(15, 3));
			while (pruned.at(-1)?.more);
			expect(pruned.map((part) => part.likes).filter((count) => count > 0)).toEqual([3, 3, 2]);
			for (const topic of topics) expect(await countsOf(topic)).toMatchObject({ heart: [5, 0], clap: [1, 0] });
			// Only the likes of other videos are still known.
			const { outcomes } = await store.commit([...likes, ...claps]);
			const known = outcomes.map(({ kind }) => kind === 'duplicate');
			expect(known).toEqual([...likes, ...claps].map(({ topic }) => topic !== topics[0]));
			expect(await store.prune(99, 100)).toEqual({ likes: 0, more: false });
		});

		it('visits many ended videos in parts, also those without likes', async () => {
			const ended = Array.from({ length: 25 }, (_, index) => `v${index}`);
			await store.append(ended.map((video, index) => endOf(`video:${video}`, index + 1)));
			await store.commit([like('video:w'), like('video:w')]);
			await store.append([endOf('video:w', 50)]);
			const pruned = [];
			do pruned.push(await store.prune(99, 10));
			while (pruned.at(-1)?.more);
			expect(pruned.map(({ likes }) => likes)).toEqual([0, 0, 2]);
		});

		it('keeps likes of a video whose end is no longer true, until it ends again', async () => {
			const replicateEnd = (epoch: number, endedAt?: number) =>
				store.replicate('south', new Map([['video:v1', { south: { epoch, counts: {}, endedAt } }]]));
			await store.commit(manyOf('video:v1', 2));
			await replicateEnd(3, 5);
			// The store of that region was restored from a backup from before the end.
			await replicateEnd(4);
			expect(await store.prune(99, 10)).toEqual({ likes: 0, more: false });
			await store.commit(manyOf('video:v1', 1));
			await replicateEnd(4, 200);
			expect(await store.prune(99, 10)).toEqual({ likes: 0, more: false });
			expect(await store.prune(300, 10)).toEqual({ likes: 3, more: false });
			expect(await countsOf('video:v1')).toEqual({ heart: [3, 0] });
		});

		it('removes once reactions, too, and likes of videos that ended in other regions', async () => {
			const single = like('video:v1', { type: 'clap', once: true });
			await store.commit([single, like('video:live', { type: 'clap', once: true })]);
			await store.replicate('south', new Map([['video:v1', { south: { epoch: 3, counts: {}, endedAt: 5 } }]]));
			expect(await store.prune(6, 10)).toEqual({ likes: 1, more: false });
			const again = { ...single, id: randomUUID() };
			expect((await store.commit([single, again])).outcomes).toEqual([{ kind: 'videoEnded' }, { kind: 'videoEnded' }]);
			expect(await countsOf('video:v1')).toEqual({ clap: [1, 0] });
		});
	});
}
