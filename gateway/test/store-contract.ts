import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_LIKES, revisionOf, totalsOf } from '../src/state/counters.ts';
import { type Command, type Store, StoreError } from '../src/store/store.ts';
import { commitEach, heartsOf as heartsIn, like, rowsOf as rowsIn, takeBack } from './like-commands.ts';
import { REGION, type StorePlace, usePlace } from './store-place.ts';

/** Tests the likes of a store. */
export function describeStore(name: string, makePlace: () => StorePlace): void {
	let place: StorePlace;
	let store: Store;
	usePlace(makePlace, (opened, at) => {
		place = at;
		store = opened;
	});

	const outcomesOf = (...commands: readonly Command[]) => commitEach(store, ...commands);
	const rowsOf = (topic?: string) => rowsIn(store, topic);
	const heartsOf = (topic?: string) => heartsIn(store, topic);

	describe(`${name}: a like`, () => {
		it('counts once, also if it is repeated', async () => {
			const one = like();
			expect(await outcomesOf(one, one, one)).toEqual(['counted', 'duplicate', 'duplicate']);
			expect(await heartsOf()).toBe(1);
		});

		it('counts once in one transaction', async () => {
			const one = like();
			const { outcomes, rows } = await store.commit([one, one]);
			expect(outcomes).toEqual([{ kind: 'counted' }, { kind: 'duplicate', id: one.id }]);
			expect(totalsOf(rows.get('video:v1') ?? NO_LIKES)).toEqual({ heart: 1 });
		});

		it('of the same user with another id counts again', async () => {
			expect(await outcomesOf(like(), like())).toEqual(['counted', 'counted']);
			expect(await heartsOf()).toBe(2);
		});

		it('conflicts if its id belongs to another user or type', async () => {
			const one = like();
			expect(await outcomesOf(one, { ...one, user: 'bob' }, { ...one, type: 'clap' })).toEqual([
				'counted',
				'conflict',
				'conflict',
			]);
			expect(totalsOf(await rowsOf())).toEqual({ heart: 1 });
		});

		it('of another video may have the same id', async () => {
			const one = like();
			expect(await outcomesOf(one, { ...one, topic: 'video:v2', user: 'bob' })).toEqual(['counted', 'counted']);
			expect([await heartsOf('video:v1'), await heartsOf('video:v2')]).toEqual([1, 1]);
		});

		it('counts separately for names that differ in case only', async () => {
			expect(
				await outcomesOf(like({ topic: 'video:V1' }), like({ topic: 'video:v1' }), like({ topic: 'video:V1' })),
			).toEqual(['counted', 'counted', 'counted']);
			expect([await heartsOf('video:V1'), await heartsOf('video:v1')]).toEqual([2, 1]);
		});
	});

	describe(`${name}: taking back`, () => {
		it('lowers the total once', async () => {
			const one = like();
			expect(await outcomesOf(like(), one, takeBack(one), takeBack(one))).toEqual([
				'counted',
				'counted',
				'takenBack',
				'takenBack',
			]);
			expect(await heartsOf()).toBe(1);
			expect(revisionOf(await rowsOf())).toBe(3);
		});

		it('leaves a tombstone: a late copy of the like is a duplicate', async () => {
			const one = like();
			expect(await outcomesOf(one, takeBack(one), one)).toEqual(['counted', 'takenBack', 'duplicate']);
			expect(await heartsOf()).toBe(0);
		});

		it('is for the user of the like only', async () => {
			const one = like();
			expect(await outcomesOf(one, takeBack(one, 'bob'))).toEqual(['counted', 'notLiker']);
			expect(await heartsOf()).toBe(1);
			expect(await outcomesOf(takeBack(one), takeBack(one, 'bob'))).toEqual(['takenBack', 'notLiker']);
		});

		it('does not find an unknown like, or a like of another video', async () => {
			const one = like();
			expect(await outcomesOf(takeBack(like()), one, takeBack({ ...one, topic: 'video:v2' }))).toEqual([
				'notFound',
				'counted',
				'notFound',
			]);
		});
	});

	describe(`${name}: a transaction`, () => {
		it('answers all commands in order, with the rows of each video', async () => {
			await store.commit([like(), like({ type: 'clap' })]);
			const one = like();
			const { outcomes, rows } = await store.commit([
				one,
				like({ topic: 'video:v2' }),
				takeBack(one),
				takeBack(like()),
			]);
			expect(outcomes.map(({ kind }) => kind)).toEqual(['counted', 'counted', 'takenBack', 'notFound']);
			expect([...rows.keys()].sort()).toEqual(['video:v1', 'video:v2']);
			expect(totalsOf(rows.get('video:v1') ?? NO_LIKES)).toEqual({ heart: 1, clap: 1 });
			expect(totalsOf(rows.get('video:v2') ?? NO_LIKES)).toEqual({ heart: 1 });
			expect(rows).toEqual(await store.read(['video:v1', 'video:v2']));
		});

		it('is atomic', async () => {
			const unstorable = { ...like(), user: null as unknown as string };
			await expect(store.commit([like(), like({ topic: 'video:v2' }), unstorable])).rejects.toBeInstanceOf(StoreError);
			expect([await heartsOf('video:v1'), await heartsOf('video:v2')]).toEqual([0, 0]);
			expect(await outcomesOf(like())).toEqual(['counted']);
		});

		it('counts each like of concurrent transactions', async () => {
			const batches = Array.from({ length: 20 }, () => Array.from({ length: 25 }, () => like()));
			await Promise.all(batches.map((batch) => store.commit(batch)));
			expect(await heartsOf()).toBe(500);
		});

		it('counts as a simple model', async () => {
			const ids = Array.from({ length: 6 }, () => randomUUID());
			const command = fc.record({
				kind: fc.constantFrom('like' as const, 'takeBack' as const),
				id: fc.constantFrom(...ids),
				user: fc.constantFrom('ann', 'bob'),
			});
			let run = 0;
			await fc.assert(
				fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 20 }), async (steps) => {
					const topic = `video:model-${run++}`;
					const given = new Map<string, { user: string; taken: boolean }>();
					for (const { kind, id, user } of steps) {
						const known = given.get(id);
						if (kind === 'like' && known === undefined) given.set(id, { user, taken: false });
						if (kind === 'takeBack' && known?.user === user) known.taken = true;
					}
					await store.commit(
						steps.map(({ kind, id, user }) => {
							const one = like({ topic, id, user });
							return kind === 'like' ? one : takeBack(one);
						}),
					);
					const expected = [...given.values()].filter(({ taken }) => !taken).length;
					expect(await heartsOf(topic)).toBe(expected);
				}),
				{ numRuns: 50 },
			);
		});
	});

	describe(`${name}: a read`, () => {
		it('returns the own row without counts, with the epoch of the store, for a video without likes', async () => {
			const rows = await rowsOf('video:unknown');
			expect(rows).toEqual({ [REGION]: { epoch: expect.any(Number), counts: {} } });
			await store.commit([like()]);
			expect(await rowsOf('video:v1')).toEqual({ [REGION]: { epoch: rows[REGION]?.epoch, counts: { heart: [1, 0] } } });
		});

		it('answers for each named video, and for no other', async () => {
			await store.commit([like(), like({ topic: 'video:v2' })]);
			const rows = await store.read(['video:v1', 'video:v1', 'video:none']);
			expect([...rows.keys()].sort()).toEqual(['video:none', 'video:v1']);
			expect((await store.read([])).size).toBe(0);
		});
	});

	describe(`${name}: a reopened store`, () => {
		it('belongs to its region, and does not change when another region tries to open it', async () => {
			await store.commit([like()]);
			const before = await rowsOf();
			await store.close();
			const refused = place.open('south');
			await expect(refused).rejects.toThrow(/belongs to region north, not to south/);
			await expect(refused).rejects.toBeInstanceOf(StoreError);
			store = await place.open();
			expect(await rowsOf()).toEqual(before);
		});

		it('has all its likes, in the same epoch', async () => {
			const [one, taken, single] = [like(), like(), like({ once: true, type: 'clap' })];
			await store.commit([one, taken, takeBack(taken), single]);
			const before = await rowsOf();
			await store.close();
			store = await place.open();
			expect(await rowsOf()).toEqual(before);
			expect(await outcomesOf(one, taken, { ...single, id: randomUUID() })).toEqual([
				'duplicate',
				'duplicate',
				'duplicate',
			]);
		});

		it('has all likes of requests from before it was closed', async () => {
			const commits = Array.from({ length: 10 }, () => store.commit([like()]));
			await store.close();
			await Promise.all(commits);
			store = await place.open();
			expect(await heartsOf()).toBe(10);
		});

		it('refuses requests after it is closed, and allows a second close', async () => {
			await store.close();
			await store.close();
			await expect(store.commit([like()])).rejects.toBeInstanceOf(StoreError);
			await expect(store.read(['video:v1'])).rejects.toBeInstanceOf(StoreError);
		});
	});
}
