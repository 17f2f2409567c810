import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LikesRows, mergeLikes } from '../src/delivery/likes.ts';
import type { Changes, LikeCommand, Position, Store } from '../src/store/store.ts';
import { StoreError } from '../src/store/store.ts';
import type { StorePlace } from './store-place.ts';

/** The store under test belongs to region north; south and west are others. */
export function describeReplicas(name: string, makePlace: () => StorePlace): void {
	let place: StorePlace;
	let store: Store;
	beforeEach(async () => {
		place = makePlace();
		store = await place.open();
	});
	afterEach(async () => {
		await store.close();
		await place.remove();
	});

	const like = (video = 'v1', type = 'heart'): LikeCommand => ({
		kind: 'like',
		video,
		id: randomUUID(),
		user: 'ann',
		type,
		once: false,
		at: 1_700_000_000_000,
	});
	const rowsOf = async (video = 'v1') => (await store.read([video])).get(video) ?? {};
	const videos = (rows: Record<string, LikesRows>) => new Map(Object.entries(rows));
	const said = (epoch: number, heart: number): LikesRows => ({ south: { epoch, counts: { heart: [heart, 0] } } });
	const reached = (epoch: number, at: string, last = true) => ({ position: { epoch, at }, last });

	/** Keeps a page that begins where the store stands. */
	async function take(region: string, rows: ReadonlyMap<string, LikesRows>, page: ReturnType<typeof reached>) {
		const since = (await store.positions()).get(region);
		await store.replicate(region, rows, { since, ...page });
	}

	/** All pages from a position, and where they end. */
	async function allChanges(since?: Position, limit = 1_000): Promise<{ pages: Changes[]; next: Position }> {
		const pages: Changes[] = [];
		for (let from = since; ; ) {
			const page = await store.changes(from, limit);
			pages.push(page);
			from = page.next;
			if (!page.more) return { pages, next: page.next };
		}
	}

	/** What pages tell together. */
	function sumOf(pages: readonly Changes[]): Map<string, LikesRows> {
		const sum = new Map<string, LikesRows>();
		for (const { rows } of pages) {
			for (const [video, likes] of rows) sum.set(video, mergeLikes(sum.get(video) ?? {}, likes));
		}
		return sum;
	}

	describe(`${name}: changes`, () => {
		it('tell every row from the beginning, page by page', async () => {
			const named = Array.from({ length: 10 }, (_, index) => `v${index}`);
			await store.commit(named.slice(0, 7).flatMap((video) => [like(video), like(video, 'clap')]));
			for (const video of named.slice(7)) await store.commit([like(video)]);
			for (const limit of [1, 3, 17, 1_000]) {
				const { pages } = await allChanges(undefined, limit);
				expect(pages.length).toBeGreaterThanOrEqual(17 / limit);
				expect(sumOf(pages)).toEqual(await store.read(named));
			}
		});

		it('tell what changed since a position, each video whole, and nothing when nothing did', async () => {
			await store.commit([like('v1'), like('v2'), like('v2', 'clap')]);
			const { next } = await allChanges();
			expect(sumOf((await allChanges(next)).pages)).toEqual(new Map());
			await store.commit([like('v2')]);
			const since = await allChanges(next);
			expect(sumOf(since.pages)).toEqual(await store.read(['v2']));
			expect(sumOf((await allChanges(since.next)).pages)).toEqual(new Map());
		});

		it('fit into one body, however many types of reactions there are', async () => {
			const types = Array.from({ length: 60 }, (_, index) => `a-reaction-with-a-long-name-${index}`);
			const named = Array.from({ length: 80 }, (_, index) => `v${index}`);
			for (const video of named) await store.commit(types.map((type) => like(video, type)));
			const bytesOf = ({ rows }: Changes) => JSON.stringify(Object.fromEntries(rows)).length;
			const begun = (await allChanges()).next;
			for (const video of named) await store.commit(types.map((type) => like(video, type)));
			for (const since of [undefined, begun]) {
				const { pages } = await allChanges(since, 10_000);
				expect(Math.max(...pages.map(bytesOf))).toBeLessThan(200_000);
				expect(sumOf(pages)).toEqual(await store.read(named));
			}
		});

		it('tell of takebacks, and not of duplicates', async () => {
			const one = like();
			await store.commit([one]);
			const { next } = await allChanges();
			await store.commit([one]);
			expect(sumOf((await allChanges(next)).pages)).toEqual(new Map());
			await store.commit([{ kind: 'takeBack', video: 'v1', id: one.id, user: 'ann', at: 2 }]);
			expect(sumOf((await allChanges(next)).pages)).toEqual(await store.read(['v1']));
		});

		it('tell own rows and no other', async () => {
			await store.commit([like()]);
			await store.replicate('south', videos({ v1: said(1, 5), v2: said(1, 5) }));
			const { pages } = await allChanges();
			expect([...sumOf(pages)].map(([video, likes]) => [video, Object.keys(likes)])).toEqual([['v1', ['north']]]);
		});

		it('begin at the beginning after a position of another epoch, a made-up one, and one of the future', async () => {
			await store.commit([like()]);
			const { next } = await allChanges();
			const { epoch } = next;
			const texts = ['', 'x', '[]', '{}', 'null', '[1]', '[1,"v1","heart"]', '["1"]', '["ended","-1"]', "1' OR 1=1"];
			const torn = ['["all","0","v1"]', '["changed","0","1","1.5","v1","heart"]', '["ended","0",null]'];
			const future = ['["ended","9223372036854775807"]', '["ended","99999999999999999999"]'];
			const wrong = [...texts, ...torn, ...future].map((at) => ({ epoch, at }));
			for (const since of [{ ...next, epoch: epoch - 1 }, { ...next, epoch: epoch + 1 }, ...wrong]) {
				const page = await store.changes(since, 10);
				expect([since, [...page.rows.keys()]]).toEqual([since, ['v1']]);
				expect(page.next.epoch).toBe(epoch);
			}
		});

		it('come to an end while all that is ahead changes, and more comes to be there', async () => {
			const named = Array.from({ length: 10 }, (_, index) => `v${index}`);
			await store.commit(named.map((video) => like(video)));
			let late = 0;
			/** All pages, where all videos change, and there is a new last one, before each. */
			async function walk(since?: Position) {
				const begun = await store.read(named);
				const pages: Changes[] = [];
				for (let from = since; ; ) {
					const page = await store.changes(from, 3);
					pages.push(page);
					from = page.next;
					expect(pages.length).toBeLessThanOrEqual(1 + named.length / 3);
					if (!page.more) return { begun, pages, next: page.next };
					await store.commit([...named, `w${String(++late).padStart(3, '0')}`].map((video) => like(video)));
				}
			}
			const whole = await walk();
			for (const [video, likes] of whole.begun) {
				// What it was when the walk began, or more.
				const told = sumOf(whole.pages).get(video) ?? {};
				expect(mergeLikes(likes, told)).toEqual(told);
			}
			const delta = await walk(whole.next);
			const rest = await allChanges(delta.next);
			const videosThere = [
				...named,
				...Array.from({ length: late }, (_, index) => `w${String(index + 1).padStart(3, '0')}`),
			];
			expect(sumOf([...whole.pages, ...delta.pages, ...rest.pages])).toEqual(await store.read(videosThere));
		});

		it('miss nothing while likes are committed', async () => {
			let done = false;
			const named = Array.from({ length: 30 }, (_, index) => `v${index}`);
			const committing = Promise.all(
				named.map(async (video) => {
					for (let count = 0; count < 5; count++) await store.commit([like(video), like('hot')]);
				}),
			).finally(() => {
				done = true;
			});
			const pages: Changes[] = [];
			let next: Position | undefined;
			while (!done) {
				const walk = await allChanges(next, 7);
				pages.push(...walk.pages);
				next = walk.next;
			}
			await committing;
			pages.push(...(await allChanges(next, 7)).pages);
			expect(sumOf(pages)).toEqual(await store.read([...named, 'hot']));
			expect((await rowsOf('hot')).north?.counts).toEqual({ heart: [150, 0] });
		});
	});

	describe(`${name}: rows of another region`, () => {
		it('are told by reads and commits beside the own', async () => {
			await store.replicate('south', videos({ v1: said(3, 5) }));
			const { rows } = await store.commit([like(), like('v2')]);
			const north = { epoch: expect.any(Number), counts: { heart: [1, 0] } };
			expect(rows.get('v1')).toEqual({ north, ...said(3, 5) });
			expect(rows.get('v2')).toEqual({ north });
			expect(await store.read(['v1', 'v2'])).toEqual(rows);
			await store.close();
			store = await place.open();
			expect(await store.read(['v1', 'v2'])).toEqual(rows);
		});

		it('only grow within an epoch; a higher one replaces them, a lower one is ignored', async () => {
			const replicate = (south: LikesRows[string]) => store.replicate('south', videos({ v1: { south } }));
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

		it('are the same in whatever order, and however often, they come', async () => {
			const counts = fc.dictionary(fc.constantFrom('heart', 'clap'), fc.tuple(fc.nat(9), fc.nat(9)));
			const news = fc.array(fc.record({ epoch: fc.integer({ min: 1, max: 3 }), counts }), { maxLength: 6 });
			let run = 0;
			await fc.assert(
				fc.asyncProperty(news, fc.infiniteStream(fc.nat()), async (told, picks) => {
					const [one, other] = [`one-${++run}`, `other-${run}`];
					for (const south of told) await store.replicate('south', videos({ [one]: { south } }));
					const shuffled = [...told, ...told].sort(() => (Number(picks.next().value) % 3) - 1);
					for (const south of shuffled) await store.replicate('south', videos({ [other]: { south } }));
					const merged = told.reduce((sum, south) => mergeLikes(sum, { south }), {} as LikesRows);
					expect((await rowsOf(one)).south).toEqual(merged.south);
					expect((await rowsOf(other)).south).toEqual(merged.south);
				}),
				{ numRuns: 30 },
			);
		});

		it('are taken from who they are about, and never as the own', async () => {
			const west = { west: { epoch: 1, counts: { heart: [7, 0] } } } as const;
			const north = { north: { epoch: 2 ** 50, counts: { heart: [7, 0] } } } as const;
			await store.replicate('south', videos({ v1: { ...said(1, 5), ...west, ...north } }));
			expect(await rowsOf()).toEqual({ north: { epoch: expect.any(Number), counts: {} }, ...said(1, 5) });
			await expect(store.replicate('north', videos({ v1: north }))).rejects.toBeInstanceOf(StoreError);
		});

		it('are known to the end after the last page: lower epochs are dropped, and every video says so', async () => {
			const none = (epoch: number) => ({ south: { epoch, counts: {} } });
			const south = async (video: string) => ({ south: (await rowsOf(video)).south });
			await take('south', videos({ v1: said(3, 5), v2: said(3, 5) }), reached(3, 'a', false));
			expect(await south('v3')).toEqual({ south: undefined });
			await take('south', videos({}), reached(3, 'b'));
			expect([await south('v2'), await south('v3')]).toEqual([said(3, 5), none(3)]);
			// Its store is restored from a backup that has never seen v2.
			await take('south', videos({ v1: said(8, 4) }), reached(8, 'a', false));
			expect([await south('v1'), await south('v2'), await south('v3')]).toEqual([said(8, 4), said(3, 5), none(3)]);
			await take('south', videos({}), reached(8, 'b'));
			expect([await south('v1'), await south('v2'), await south('v3')]).toEqual([said(8, 4), none(8), none(8)]);
			// Late news of the old store.
			await take('south', videos({ v2: said(3, 6), v1: said(3, 6) }), reached(3, 'c'));
			expect([await south('v1'), await south('v2')]).toEqual([said(8, 4), none(8)]);
			expect((await store.commit([like('v9')])).rows.get('v9')).toMatchObject(none(8));
		});
	});

	describe(`${name}: restored from a backup`, () => {
		it('has a higher epoch, all that it knew, and tells everything again', async () => {
			await store.commit([like(), like('v2')]);
			await take('south', videos({ v1: said(3, 5) }), reached(3, 'a'));
			const [{ next }, rows] = [await allChanges(), await store.read(['v1', 'v2'])];
			await store.close();
			const { before, after } = await place.markRestored();
			expect([before, after > before]).toEqual([next.epoch, true]);
			expect(after).toBeGreaterThan(Date.now() - 60_000);
			expect((await place.markRestored()).before).toBe(after);
			store = await place.open();
			const read = await store.read(['v1', 'v2']);
			const epoch = (await rowsOf()).north?.epoch ?? 0;
			expect(epoch).toBeGreaterThan(after);
			for (const [video, likes] of rows) {
				expect(read.get(video)).toEqual({ ...likes, north: { ...likes.north, epoch } });
			}
			expect(await store.positions()).toEqual(new Map([['south', { epoch: 3, at: 'a' }]]));
			expect([...sumOf((await allChanges(next)).pages).keys()].sort()).toEqual(['v1', 'v2']);
		});
	});

	describe(`${name}: positions`, () => {
		it('are those that were reached, also after it was opened again', async () => {
			expect(await store.positions()).toEqual(new Map());
			await store.replicate('south', videos({ v1: said(3, 5) }));
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

		it('stay where they are after a page that began elsewhere, whose rows are kept', async () => {
			await take('south', videos({}), reached(3, 'a'));
			const late = { since: undefined, position: { epoch: 3, at: 'c' }, last: true };
			await store.replicate('south', videos({ v1: said(3, 5) }), late);
			await store.replicate('south', videos({}), { ...late, since: { epoch: 3, at: 'b' } });
			await store.replicate('west', videos({}), { ...late, since: { epoch: 3, at: 'b' } });
			expect(await store.positions()).toEqual(new Map([['south', { epoch: 3, at: 'a' }]]));
			expect((await rowsOf()).south).toEqual(said(3, 5).south);
		});

		it('of a lower epoch are ignored', async () => {
			await take('south', videos({}), reached(4, 'new'));
			await take('south', videos({}), reached(3, 'old'));
			expect(await store.positions()).toEqual(new Map([['south', { epoch: 4, at: 'new' }]]));
		});
	});
}
