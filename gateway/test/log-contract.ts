import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../src/state/log.ts';
import { type Store, StoreError } from '../src/store/store.ts';
import { answerTo, appendEach, comment, deleteOf, endOf, published, TOPIC } from './log-commands.ts';
import { StoreLogModel } from './models/store-log-model.ts';
import { REGION, type StorePlace, usePlace } from './store-place.ts';

/** Tests the logs of a store's own region, with events of any kind. */
export function describeLog(name: string, makePlace: () => StorePlace): void {
	let place: StorePlace;
	let store: Store;
	usePlace(makePlace, (opened, at) => {
		place = at;
		store = opened;
	});

	const outcomesOf = (...commands: Parameters<Store['append']>[0]) => appendEach(store, ...commands);
	const eventsOf = async (topic = TOPIC, after = 0, limit = 1_000) => store.events(topic, REGION, after, limit);
	const rowsOf = async (topic = TOPIC) => (await store.read([topic])).get(topic)?.[REGION];

	describe(`${name}: an event`, () => {
		it('gets the next number of its topic, from 1 on, and the rows have the head of the log', async () => {
			const [one, two, other] = [comment(), comment({ user: 'bob' }), comment({ topic: 'conversation:c1' })];
			const { outcomes, rows } = await store.append([one, other, two]);
			const own = { kind: 'added', region: REGION, epoch: (await rowsOf())?.epoch };
			expect(outcomes).toEqual([
				{ ...own, event: published(one, 1) },
				{ ...own, event: published(other, 1) },
				{ ...own, event: published(two, 2) },
			]);
			expect(rows.get(TOPIC)?.[REGION]).toEqual({ epoch: expect.any(Number), counts: {}, logHead: 2 });
			expect(rows.get('conversation:c1')?.[REGION]).toMatchObject({ counts: {}, logHead: 1 });
			expect((await store.read(['conversation:c1'])).get('conversation:c1')).toEqual(rows.get('conversation:c1'));
			expect(await outcomesOf(comment())).toEqual(['added']);
			const { epoch, events, head } = await eventsOf();
			expect([epoch, head]).toEqual([(await rowsOf())?.epoch, 3]);
			expect(events.map(({ offset }) => offset)).toEqual([1, 2, 3]);
		});

		it('is read in pages', async () => {
			await store.append(Array.from({ length: 10 }, () => comment()));
			const part = await eventsOf(TOPIC, 3, 4);
			expect([part.events.map(({ offset }) => offset), part.head]).toEqual([[4, 5, 6, 7], 10]);
			expect(await eventsOf(TOPIC, 10)).toMatchObject({ events: [], head: 10 });
			expect(await eventsOf(TOPIC, 99)).toMatchObject({ events: [], head: 10 });
			expect(await eventsOf('video:none')).toMatchObject({ epoch: part.epoch, events: [], head: 0 });
			expect(await store.events(TOPIC, 'unknown', 0, 10)).toEqual({ epoch: 0, events: [], head: 0 });
			expect(await store.events(TOPIC, 'constructor', 0, 10)).toEqual({ epoch: 0, events: [], head: 0 });
		});

		it('that is repeated is a duplicate, whatever the order of its names, also in one transaction', async () => {
			const one = comment({ event: 'custom', data: { name: 'goal', data: { home: 1, away: [0, { a: null, b: 2 }] } } });
			const same = { ...one, data: { data: { away: [0, { b: 2, a: null }], home: 1 }, name: 'goal' } };
			const { outcomes } = await store.append([one, same]);
			expect(outcomes.map(({ kind }) => kind)).toEqual(['added', 'duplicate']);
			expect(await store.append([{ ...same, at: 99 }])).toMatchObject({
				outcomes: [{ kind: 'duplicate', event: { offset: 1, at: one.at, data: one.data } }],
			});
			expect((await eventsOf()).head).toBe(1);
		});

		it('conflicts if its id has another user, kind or data, but not in another topic', async () => {
			const one = comment();
			const others = [
				{ ...one, user: 'bob' },
				{ ...one, event: 'custom' as const },
				{ ...one, data: { text: 'x' } },
			];
			expect(await outcomesOf(one, ...others, { ...one, topic: 'video:v2' })).toEqual([
				'added',
				'conflict',
				'conflict',
				'conflict',
				'added',
			]);
		});

		it('is found by its id', async () => {
			const one = comment();
			await store.append([one]);
			const { epoch } = await eventsOf();
			expect(await store.find(TOPIC, one.id)).toEqual([{ region: REGION, epoch, event: published(one, 1) }]);
			expect(await store.find('video:v2', one.id)).toEqual([]);
			expect(await store.find(TOPIC, randomUUID())).toEqual([]);
		});

		it('keeps its number after the store is reopened', async () => {
			const one = comment();
			await store.append([one]);
			await store.close();
			store = await place.open();
			expect((await eventsOf()).events).toEqual([published(one, 1)]);
			expect(await outcomesOf(one, comment())).toEqual(['duplicate', 'added']);
			expect((await eventsOf()).head).toBe(2);
		});

		it('is a change of the rows for other regions', async () => {
			const { next } = await store.changes(undefined, 10);
			await store.append([comment()]);
			const changes = await store.changes(next, 10);
			expect([...changes.rows]).toEqual([[TOPIC, { [REGION]: await rowsOf() }]]);
			await outcomesOf(comment({ id: 'same' }), comment({ id: 'same' }));
			const after = (await store.changes(changes.next, 10)).next;
			await outcomesOf(comment({ id: 'same' }));
			expect((await store.changes(after, 10)).rows.size).toBe(0);
		});
	});

	describe(`${name}: a transaction of events`, () => {
		it('is atomic, and an error for U+0000 names the field', async () => {
			const unstorable = comment({ user: null as unknown as string });
			await expect(store.append([comment(), unstorable])).rejects.toBeInstanceOf(StoreError);
			for (const wrong of [comment({ id: 'a\0b' }), comment({ user: '\0' }), comment({ topic: 'video:\0' })]) {
				const refused = store.append([comment(), wrong]);
				await expect(refused).rejects.toThrow(/U\+0000/);
				await expect(refused).rejects.toBeInstanceOf(StoreError);
			}
			await expect(store.append([answerTo('a\0')])).rejects.toThrow(/U\+0000/);
			expect((await eventsOf()).head).toBe(0);
			expect(await outcomesOf(comment())).toEqual(['added']);
		});

		it('keeps any text and data', async () => {
			const texts = [
				'a\0b',
				'\ud800',
				'\udc00\ud800',
				'\u202e\u200b',
				'"\'\\\r\n\t',
				"'; DROP TABLE log; --",
				'\u{10ffff}',
				'$1',
			];
			const named = Object.fromEntries(texts.map((text) => [text, text]));
			const deep = JSON.parse(`${'[['.repeat(500)}${']]'.repeat(500)}`) as unknown;
			const proto = JSON.parse('{"__proto__":{"constructor":1},"2":2,"10":10}') as Record<string, unknown>;
			const all = [{ texts }, named, { deep }, proto, { numbers: [0.1, -0, 1e300, 2 ** 53] }, {}];
			const events = all.map((data) => comment({ event: 'custom', data }));
			const { outcomes } = await store.append(events);
			expect(outcomes.map((outcome) => outcome.kind)).toEqual(events.map(() => 'added'));
			const kept = (await eventsOf()).events.map(({ data }) => data);
			expect(kept).toEqual(all.map((data) => JSON.parse(JSON.stringify(data)) as unknown));
			expect(Object.keys(kept[3] ?? {}).sort()).toEqual(['10', '2', '__proto__']);
			expect((await store.append(events)).outcomes.map(({ kind }) => kind)).toEqual(events.map(() => 'duplicate'));
		});

		it('numbers concurrent events without holes or duplicates', async () => {
			const topics = ['video:v1', 'conversation:c1', 'topic:t1'];
			await Promise.all(
				Array.from({ length: 20 }, () =>
					store.append(Array.from({ length: 12 }, (_, n) => comment({ topic: topics[n % 3] as string }))),
				),
			);
			for (const topic of topics) {
				const { events, head } = await eventsOf(topic);
				expect(events.map(({ offset }) => offset)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
				expect(head).toBe(80);
			}
		});

		it('behaves as a simple model', async () => {
			const ids = ['a', 'b', 'c', 'd'];
			const step = fc.record({
				kind: fc.constantFrom('append', 'append', 'delete', 'end'),
				id: fc.constantFrom(...ids),
				user: fc.constantFrom('ann', 'bob'),
				moderator: fc.boolean(),
				parent: fc.option(fc.constantFrom(...ids), { nil: undefined }),
			});
			let run = 0;
			await fc.assert(
				fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 6 }), async (batches) => {
					const topic = `video:model-${run++}`;
					const model = new StoreLogModel();
					for (const batch of batches.map((steps) =>
						steps.map(({ kind, id, user, moderator, parent }) => {
							if (kind === 'end') return endOf(topic);
							const one = comment({ topic, id, user, ...(parent && { parent }) });
							return kind === 'append' ? one : deleteOf(one, { moderator });
						}),
					)) {
						const { outcomes } = await store.append(batch);
						expect(outcomes.map(({ kind }) => kind)).toEqual(batch.map((command) => model.apply(command)));
					}
					const { events, head } = await eventsOf(topic);
					expect(events.map(({ kind, id }) => [kind, id])).toEqual(model.log());
					expect(head).toBe(model.log().length);
					const undeleted = model.log().filter(([kind]) => kind === 'comment');
					const { comments } = await store.history(topic, undefined, 100);
					expect(idsSorted(comments)).toEqual(undeleted.map(([, id]) => id).sort());
				}),
				{ numRuns: 60 },
			);
		});
	});
}

const idsSorted = (events: readonly LogEvent[]) => events.map(({ id }) => id).sort();
