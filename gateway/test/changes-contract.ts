import { describe, expect, it } from 'vitest';
import { type CounterRows, mergeLikes } from '../src/state/counters.ts';
import { mergeValues, type Values } from '../src/state/registers.ts';
import type { Changes, Position, Store } from '../src/store/store.ts';
import { allChanges, newLike, sumOf } from './changes.ts';
import { type StorePlace, usePlace } from './store-place.ts';

/** Tests the changes of a store of region north; south is another region. */
export function describeChanges(name: string, makePlace: () => StorePlace): void {
	describe(`${name}: changes`, () => {
		let place: StorePlace;
		let store: Store;
		usePlace(makePlace, (opened, at) => {
			place = at;
			store = opened;
		});

		it('list each row from the start, page by page', async () => {
			const named = Array.from({ length: 10 }, (_, index) => `video:v${index}`);
			await store.commit(named.slice(0, 7).flatMap((video) => [newLike(video), newLike(video, 'clap')]));
			for (const video of named.slice(7)) await store.commit([newLike(video)]);
			for (const limit of [1, 3, 17, 1_000]) {
				const { pages } = await allChanges(store, undefined, limit);
				expect(pages.length).toBeGreaterThanOrEqual(named.length / limit);
				expect(sumOf(pages)).toEqual(await store.read(named));
			}
		});

		it('list the changes since a position, with all rows of each changed video', async () => {
			await store.commit([newLike('video:v1'), newLike('video:v2'), newLike('video:v2', 'clap')]);
			const { next } = await allChanges(store);
			expect(sumOf((await allChanges(store, next)).pages)).toEqual(new Map());
			await store.commit([newLike('video:v2')]);
			const since = await allChanges(store, next);
			expect(sumOf(since.pages)).toEqual(await store.read(['video:v2']));
			expect(sumOf((await allChanges(store, since.next)).pages)).toEqual(new Map());
		});

		it('fit into one body with many types of reactions', async () => {
			const types = Array.from({ length: 60 }, (_, index) => `a-reaction-with-a-long-name-${index}`);
			const named = Array.from({ length: 80 }, (_, index) => `video:v${index}`);
			for (const video of named) await store.commit(types.map((type) => newLike(video, type)));
			const bytesOf = ({ rows }: Changes) => JSON.stringify(Object.fromEntries(rows)).length;
			const begun = (await allChanges(store)).next;
			for (const video of named) await store.commit(types.map((type) => newLike(video, type)));
			for (const since of [undefined, begun]) {
				const { pages } = await allChanges(store, since, 10_000);
				expect(Math.max(...pages.map(bytesOf))).toBeLessThan(200_000);
				expect(sumOf(pages)).toEqual(await store.read(named));
			}
		});

		it('list taken back likes, but no duplicates', async () => {
			const one = newLike();
			await store.commit([one]);
			const { next } = await allChanges(store);
			await store.commit([one]);
			expect(sumOf((await allChanges(store, next)).pages)).toEqual(new Map());
			await store.commit([{ kind: 'takeBack', topic: 'video:v1', id: one.id, user: 'ann', at: 2 }]);
			expect(sumOf((await allChanges(store, next)).pages)).toEqual(await store.read(['video:v1']));
		});

		it('list own rows only', async () => {
			await store.commit([newLike()]);
			const southRows: CounterRows = { south: { epoch: 1, counts: { heart: [5, 0] } } };
			await store.replicate(
				'south',
				new Map([
					['video:v1', southRows],
					['video:v2', southRows],
				]),
			);
			const { pages } = await allChanges(store);
			expect([...sumOf(pages)].map(([video, likes]) => [video, Object.keys(likes)])).toEqual([['video:v1', ['north']]]);
		});

		it('list the values of this region only, from the start and since a position', async () => {
			const receipts = (order: number, from: string, ...users: readonly string[]): Values => ({
				receipt: Object.fromEntries(users.map((user) => [`read:${user}`, { order, value: `m${order}`, from }])),
			});
			const users = Array.from({ length: 10 }, (_, index) => `u${index}`);
			await store.commit([newLike('video:v1'), newLike('video:v2')]);
			await store.keepValues(new Map([['conversation:c1', receipts(1, 'north', ...users)]]));
			await store.keepValues(new Map([['conversation:c1', receipts(1, 'south', 'eve')]]));
			for (const limit of [1, 3, 1_000]) {
				const { pages } = await allChanges(store, undefined, limit);
				expect(Math.max(...pages.map(({ rows, values }) => rows.size + countOf(values)))).toBeLessThanOrEqual(
					2 * limit,
				);
				expect(sumOf(pages)).toEqual(await store.read(['video:v1', 'video:v2']));
				expect(valuesOf(pages)).toEqual(new Map([['conversation:c1', receipts(1, 'north', ...users)]]));
			}
			const { next } = await allChanges(store);
			expect(valuesOf((await allChanges(store, next)).pages)).toEqual(new Map());
			await store.keepValues(new Map([['conversation:c2', receipts(2, 'north', 'ann')]]));
			// An older value and a value of another region are no changes.
			await store.keepValues(new Map([['conversation:c1', receipts(0, 'north', ...users)]]));
			await store.keepValues(new Map([['conversation:c1', receipts(5, 'south', 'u0')]]));
			await store.close();
			store = await place.open();
			const since = await allChanges(store, next);
			expect(valuesOf(since.pages)).toEqual(new Map([['conversation:c2', receipts(2, 'north', 'ann')]]));
			expect(sumOf(since.pages)).toEqual(new Map());
			expect(valuesOf((await allChanges(store, since.next)).pages)).toEqual(new Map());
		});

		it('fit into one body with many values', async () => {
			const values: Values = {
				receipt: Object.fromEntries(
					Array.from({ length: 2_000 }, (_, n) => [
						`read:${'u'.repeat(100)}${n}`,
						{ order: n, value: 'm'.repeat(120), from: 'north' },
					]),
				),
			};
			await store.keepValues(new Map([['conversation:c1', values]]));
			const { pages } = await allChanges(store, undefined, 10_000);
			const bytesOf = ({ values }: Changes) => JSON.stringify(Object.fromEntries(values)).length;
			expect(Math.max(...pages.map(bytesOf))).toBeLessThan(200_000);
			expect(countOf(valuesOf(pages))).toBe(2_000);
		});

		it('begin at the start after a position of another epoch, of the future, or of no store', async () => {
			await store.commit([newLike()]);
			const { next } = await allChanges(store);
			const { epoch } = next;
			const texts = ['', 'x', '[]', '{}', 'null', '[1]', '[1,"video:v1"]', '["1"]', '["ended","-1"]', "1' OR 1=1"];
			const torn = ['["all","0","video:v1"]', '["changed","0","1","0","1.5","video:v1"]', '["ended","0",null]'];
			const future = ['["ended","9223372036854775807"]', '["ended","99999999999999999999"]'];
			const wrong = [...texts, ...torn, ...future].map((at) => ({ epoch, at }));
			for (const since of [{ ...next, epoch: epoch - 1 }, { ...next, epoch: epoch + 1 }, ...wrong]) {
				const page = await store.changes(since, 10);
				expect([since, [...page.rows.keys()]]).toEqual([since, ['video:v1']]);
				expect(page.next.epoch).toBe(epoch);
			}
		});

		it('end though all videos ahead of the scan change and new ones appear', async () => {
			const named = Array.from({ length: 10 }, (_, index) => `video:v${index}`);
			await store.commit(named.map((video) => newLike(video)));
			let late = 0;
			/** Reads all pages. Before each page, all videos change and a new last one appears. */
			async function scan(since?: Position) {
				const begun = await store.read(named);
				const pages: Changes[] = [];
				for (let from = since; ; ) {
					const page = await store.changes(from, 3);
					pages.push(page);
					from = page.next;
					expect(pages.length).toBeLessThanOrEqual(1 + named.length / 3);
					if (!page.more) return { begun, pages, next: page.next };
					await store.commit([...named, `video:w${String(++late).padStart(3, '0')}`].map((video) => newLike(video)));
				}
			}
			const whole = await scan();
			for (const [video, likes] of whole.begun) {
				// The state at the start of the scan, or a newer one.
				const listed = sumOf(whole.pages).get(video) ?? {};
				expect(mergeLikes(likes, listed)).toEqual(listed);
			}
			const delta = await scan(whole.next);
			const rest = await allChanges(store, delta.next);
			const allVideos = [
				...named,
				...Array.from({ length: late }, (_, index) => `video:w${String(index + 1).padStart(3, '0')}`),
			];
			expect(sumOf([...whole.pages, ...delta.pages, ...rest.pages])).toEqual(await store.read(allVideos));
		});

		it('miss no like that is committed during the scan', async () => {
			let done = false;
			const named = Array.from({ length: 30 }, (_, index) => `video:v${index}`);
			const committing = Promise.all(
				named.map(async (video) => {
					for (let count = 0; count < 5; count++) await store.commit([newLike(video), newLike('video:hot')]);
				}),
			).finally(() => {
				done = true;
			});
			const pages: Changes[] = [];
			let next: Position | undefined;
			while (!done) {
				const scan = await allChanges(store, next, 7);
				pages.push(...scan.pages);
				next = scan.next;
			}
			await committing;
			pages.push(...(await allChanges(store, next, 7)).pages);
			expect(sumOf(pages)).toEqual(await store.read([...named, 'video:hot']));
			expect((await store.read(['video:hot'])).get('video:hot')?.north?.counts).toEqual({ heart: [150, 0] });
		});
	});
}

/** Returns the merged values of pages. */
function valuesOf(pages: readonly Changes[]): Map<string, Values> {
	const sum = new Map<string, Values>();
	for (const { values } of pages) {
		for (const [topic, registers] of values) sum.set(topic, mergeValues(sum.get(topic), registers) ?? registers);
	}
	return sum;
}

/** Returns the number of values. */
function countOf(values: ReadonlyMap<string, Values>): number {
	const kinds = [...values.values()].flatMap((ofTopic) => Object.values(ofTopic));
	return kinds.reduce((sum, registers) => sum + Object.keys(registers).length, 0);
}
