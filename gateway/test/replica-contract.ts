import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CounterRows, likedAtOf, mergeLikes, totalsOf } from '../src/state/counters.ts';
import { commentTopic, videoTopic } from '../src/state/topics/topic.ts';
import type { Store } from '../src/store/store.ts';
import { StoreError } from '../src/store/store.ts';
import { allChanges, newLike, sumOf } from './changes.ts';
import { type StorePlace, usePlace } from './store-place.ts';

/** Tests the replicas of a store of region north; south and west are other regions. */
export function describeReplicas(name: string, makePlace: () => StorePlace): void {
	let place: StorePlace;
	let store: Store;
	usePlace(makePlace, (opened, at) => {
		place = at;
		store = opened;
	});

	const rowsOf = async (topic = 'video:v1') => (await store.read([topic])).get(topic) ?? {};
	const videos = (rows: Record<string, CounterRows>) =>
		new Map(Object.entries(rows).map(([video, likes]) => [videoTopic(video), likes]));
	const southRows = (epoch: number, heart: number): CounterRows => ({
		south: { epoch, counts: { heart: [heart, 0] } },
	});
	const reached = (epoch: number, at: string, last = true) => ({ position: { epoch, at }, last });

	/** Stores a page that begins at the position of the store. */
	async function take(region: string, rows: ReadonlyMap<string, CounterRows>, page: ReturnType<typeof reached>) {
		const since = (await store.positions()).get(region);
		await store.replicate(region, rows, { since, ...page });
	}

	describe(`${name}: rows of another region`, () => {
		it('are in reads and commits, next to the own', async () => {
			await store.replicate('south', videos({ v1: southRows(3, 5) }));
			const { rows } = await store.commit([newLike(), newLike('video:v2')]);
			const north = { epoch: expect.any(Number), counts: { heart: [1, 0] } };
			expect(rows.get('video:v1')).toEqual({ north, ...southRows(3, 5) });
			expect(rows.get('video:v2')).toEqual({ north });
			expect(await store.read(['video:v1', 'video:v2'])).toEqual(rows);
			await store.close();
			store = await place.open();
			expect(await store.read(['video:v1', 'video:v2'])).toEqual(rows);
		});

		it('of comments are found with the own, most recently liked first, for their video only', async () => {
			const comment = (video: string, id: string) => commentTopic({ video, id, user: 'ann' });
			const [one, two, three] = ['one', 'two', 'three'].map((id) => comment('v1', id)) as [string, string, string];
			const likeAt = (at: number) => (topic: string) => ({ ...newLike(topic), at });
			await store.commit([...[one, two, comment('v1.x', 'one'), comment('v', 'one'), 'video:v1'].map(likeAt(10))]);
			const likedAt = (at: number): CounterRows => ({
				south: { epoch: 3, counts: { heart: [5, 0] }, likedAt: at },
			});
			await store.replicate(
				'south',
				new Map([
					[two, likedAt(30)],
					[three, likedAt(20)],
				]),
			);
			expect([...(await store.liked(['video:v1', 'video:v9'], 100)).keys()].sort()).toEqual([one, three, two]);
			const newest = await store.liked(['video:v1'], 2);
			expect([...newest.keys()].sort()).toEqual([three, two]);
			expect(newest.get(two)).toEqual((await store.read([two])).get(two));
			expect(totalsOf(newest.get(two) ?? {})).toEqual({ heart: 6 });
			await store.commit([likeAt(9)(one), likeAt(40)(one)]);
			expect([...(await store.liked(['video:v1'], 1)).keys()]).toEqual([one]);
			expect(likedAtOf((await store.read([one])).get(one) ?? {})).toBe(40);
		});

		it('only grow in an epoch; a higher epoch replaces them, and a lower one is ignored', async () => {
			const replicate = (south: CounterRows[string]) => store.replicate('south', videos({ v1: { south } }));
			const south = async () => (await rowsOf()).south;
			await replicate({ epoch: 5, counts: { heart: [5, 1], clap: [2, 0] } });
			await replicate({ epoch: 5, counts: { heart: [4, 2], wow: [1, 0] } });
			expect(await south()).toEqual({ epoch: 5, counts: { heart: [5, 2], clap: [2, 0], wow: [1, 0] } });
			await replicate({ epoch: 4, counts: { heart: [99, 0] } });
			expect(await south()).toEqual({ epoch: 5, counts: { heart: [5, 2], clap: [2, 0], wow: [1, 0] } });
			await replicate({ epoch: 6, counts: { heart: [1, 0] } });
			expect(await south()).toEqual({ epoch: 6, counts: { heart: [1, 0] } });
			await replicate({ epoch: 7, counts: {} });
			await replicate({ epoch: 6, counts: { clap: [9, 0] } });
			expect(await south()).toEqual({ epoch: 7, counts: {} });
		});

		it('are the same in any order, also repeated', async () => {
			const counts = fc.dictionary(fc.constantFrom('heart', 'clap'), fc.tuple(fc.nat(9), fc.nat(9)));
			const rowsOfSouth = fc.array(fc.record({ epoch: fc.integer({ min: 1, max: 3 }), counts }), { maxLength: 6 });
			let run = 0;
			await fc.assert(
				fc.asyncProperty(rowsOfSouth, fc.infiniteStream(fc.nat()), async (sent, picks) => {
					const [one, other] = [`one-${++run}`, `other-${run}`];
					for (const south of sent) await store.replicate('south', videos({ [one]: { south } }));
					const shuffled = [...sent, ...sent].sort(() => (Number(picks.next().value) % 3) - 1);
					for (const south of shuffled) await store.replicate('south', videos({ [other]: { south } }));
					const merged = sent.reduce((sum, south) => mergeLikes(sum, { south }), {} as CounterRows);
					expect((await rowsOf(videoTopic(one))).south).toEqual(merged.south);
					expect((await rowsOf(videoTopic(other))).south).toEqual(merged.south);
				}),
				{ numRuns: 30 },
			);
		});

		it('are taken from their own region only, and never as the own', async () => {
			const west = { west: { epoch: 1, counts: { heart: [7, 0] } } } as const;
			const north = { north: { epoch: 2 ** 50, counts: { heart: [7, 0] } } } as const;
			await store.replicate('south', videos({ v1: { ...southRows(1, 5), ...west, ...north } }));
			expect(await rowsOf()).toEqual({ north: { epoch: expect.any(Number), counts: {} }, ...southRows(1, 5) });
			await expect(store.replicate('north', videos({ v1: north }))).rejects.toBeInstanceOf(StoreError);
		});

		it('are complete after the last page: lower epochs are dropped, and reads of each video have the epoch', async () => {
			const none = (epoch: number) => ({ south: { epoch, counts: {} } });
			const south = async (video: string) => ({ south: (await rowsOf(video)).south });
			await take('south', videos({ v1: southRows(3, 5), v2: southRows(3, 5) }), reached(3, 'a', false));
			expect(await south('video:v3')).toEqual({ south: undefined });
			await take('south', videos({}), reached(3, 'b'));
			expect([await south('video:v2'), await south('video:v3')]).toEqual([southRows(3, 5), none(3)]);
			// Its store is restored from a backup without v2.
			await take('south', videos({ v1: southRows(8, 4) }), reached(8, 'a', false));
			expect([await south('video:v1'), await south('video:v2'), await south('video:v3')]).toEqual([
				southRows(8, 4),
				southRows(3, 5),
				none(3),
			]);
			await take('south', videos({}), reached(8, 'b'));
			expect([await south('video:v1'), await south('video:v2'), await south('video:v3')]).toEqual([
				southRows(8, 4),
				none(8),
				none(8),
			]);
			// Late rows of the old store.
			await take('south', videos({ v2: southRows(3, 6), v1: southRows(3, 6) }), reached(3, 'c'));
			expect([await south('video:v1'), await south('video:v2')]).toEqual([southRows(8, 4), none(8)]);
			expect((await store.commit([newLike('video:v9')])).rows.get('video:v9')).toMatchObject(none(8));
		});
	});

	describe(`${name}: a store that is restored from a backup`, () => {
		it('has a higher epoch and all its rows, and lists all changes again', async () => {
			await store.commit([newLike(), newLike('video:v2')]);
			await take('south', videos({ v1: southRows(3, 5) }), reached(3, 'a'));
			const [{ next }, rows] = [await allChanges(store), await store.read(['video:v1', 'video:v2'])];
			await store.close();
			const { before, after } = await place.markRestored();
			expect([before, after > before]).toEqual([next.epoch, true]);
			expect(after).toBeGreaterThan(Date.now() - 60_000);
			expect((await place.markRestored()).before).toBe(after);
			store = await place.open();
			const read = await store.read(['video:v1', 'video:v2']);
			const epoch = (await rowsOf()).north?.epoch ?? 0;
			expect(epoch).toBeGreaterThan(after);
			for (const [video, likes] of rows) {
				expect(read.get(video)).toEqual({ ...likes, north: { ...likes.north, epoch } });
			}
			expect(await store.positions()).toEqual(new Map([['south', { epoch: 3, at: 'a' }]]));
			expect([...sumOf((await allChanges(store, next)).pages).keys()].sort()).toEqual(['video:v1', 'video:v2']);
		});
	});

	describe(`${name}: positions`, () => {
		it('are those of the last pages, also after the store is reopened', async () => {
			expect(await store.positions()).toEqual(new Map());
			await store.replicate('south', videos({ v1: southRows(3, 5) }));
			expect(await store.positions()).toEqual(new Map());
			await take('south', videos({}), reached(3, 'a', false));
			await take('south', videos({}), reached(3, 'b'));
			await take('west', videos({}), reached(9, 'z'));
			const positions = new Map([
				['south', { epoch: 3, at: 'b' }],
				['west', { epoch: 9, at: 'z' }],
			]);
			expect(await store.positions()).toEqual(positions);
			await store.close();
			store = await place.open();
			expect(await store.positions()).toEqual(positions);
		});

		it('stay after a page from another position, whose rows are kept', async () => {
			await take('south', videos({}), reached(3, 'a'));
			const late = { since: undefined, position: { epoch: 3, at: 'c' }, last: true };
			await store.replicate('south', videos({ v1: southRows(3, 5) }), late);
			await store.replicate('south', videos({}), { ...late, since: { epoch: 3, at: 'b' } });
			await store.replicate('west', videos({}), { ...late, since: { epoch: 3, at: 'b' } });
			expect(await store.positions()).toEqual(new Map([['south', { epoch: 3, at: 'a' }]]));
			expect((await rowsOf()).south).toEqual(southRows(3, 5).south);
		});

		it('of a lower epoch are ignored', async () => {
			await take('south', videos({}), reached(4, 'new'));
			await take('south', videos({}), reached(3, 'old'));
			expect(await store.positions()).toEqual(new Map([['south', { epoch: 4, at: 'new' }]]));
		});
	});
}
