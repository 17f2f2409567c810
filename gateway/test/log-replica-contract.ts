import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../src/state/log.ts';
import { type Store, StoreError } from '../src/store/store.ts';
import { answerTo, appendEach, comment, deleteOf, pagesOf, TOPIC } from './log-commands.ts';
import { REGION, type StorePlace, usePlace } from './store-place.ts';

/** Tests the logs of other regions, south and west, in a store. */
export function describeLogReplicas(name: string, makePlace: () => StorePlace): void {
	let place: StorePlace;
	let store: Store;
	usePlace(makePlace, (opened, at) => {
		place = at;
		store = opened;
	});

	const event = (offset: number, more: Partial<LogEvent> = {}): LogEvent => ({
		offset,
		id: `s${offset}`,
		kind: 'comment',
		user: 'sue',
		at: 1_700_000_000_000 + offset,
		order: (more.at ?? 1_700_000_000_000 + offset) * 1_024 + offset - 1,
		data: { text: `said ${offset}` },
		...more,
	});
	/** Returns the deletion of a comment, given the author, the region and the number of the comment. */
	const deletionOf = (
		offset: number,
		id: string,
		[user, region, number]: readonly [string, string, number],
	): LogEvent =>
		event(offset, { kind: 'comment-deleted', id, data: { comment: id, user, region, epoch: 1, offset: number } });
	const keep = (epoch: number, events: readonly LogEvent[], region = 'south', topic = TOPIC) =>
		store.keepEvents(region, new Map([[topic, { epoch, events }]]));
	const headIs = (epoch: number, head: number, region = 'south', topic = TOPIC) =>
		store.replicate(region, new Map([[topic, { [region]: { epoch, counts: {}, logHead: head } }]]));
	const completeSync = async (epoch: number) => {
		const since = (await store.positions()).get('south');
		await store.replicate('south', new Map(), { since, position: { epoch, at: 'end' }, last: true });
	};
	const logOf = (region = 'south') => store.events(TOPIC, region, 0, 1_000);
	const offsetsOf = async (region = 'south') => (await logOf(region)).events.map(({ offset }) => offset);

	describe(`${name}: events of another region`, () => {
		it('with the time of own events are listed by order, then by region, over all pages', async () => {
			const at = 1_700_000_000_000;
			const own = Array.from({ length: 5 }, (_, index) => comment({ id: `n${index + 1}`, at }));
			await store.append(own);
			for (const [region, letter] of [
				['south', 's'],
				['west', 'w'],
			] as const) {
				await keep(
					3,
					[3, 1, 2].map((offset) => event(offset, { id: `${letter}${offset}`, at })),
					region,
				);
			}
			const ids: string[] = [];
			for await (const page of pagesOf(store, 2)) ids.push(...page.map(({ id }) => id));
			expect(ids).toEqual(['n5', 'n4', 'w3', 's3', 'n3', 'w2', 's2', 'n2', 'w1', 's1', 'n1']);
		});

		it('are read unchanged, and listed, found and deleted with the own', async () => {
			const own = comment({ at: 1_700_000_000_002 });
			await store.append([own]);
			await keep(3, [event(1), event(2, { kind: 'custom' }), event(3)]);
			expect(await logOf()).toEqual({
				epoch: 3,
				head: 3,
				events: [event(1), event(2, { kind: 'custom' }), event(3)],
			});
			expect(await store.find(TOPIC, 's3')).toEqual([{ region: 'south', epoch: 3, event: event(3) }]);
			const { comments } = await store.history(TOPIC, undefined, 10);
			expect(comments.map(({ id }) => id)).toEqual(['s3', own.id, 's1']);
			const deleteIt = deleteOf(comment({ id: 's3' }), { user: 'sue' });
			expect(await appendEach(store, { ...deleteIt, user: 'eve' }, deleteIt, deleteIt)).toEqual([
				'notAuthor',
				'added',
				'duplicate',
			]);
			expect((await logOf()).events[2]).toEqual(event(3, { kind: 'erased', data: {} }));
			expect((await logOf(REGION)).events.map(({ kind }) => kind)).toEqual(['comment', 'comment-deleted']);
			// A late copy from before the deletion.
			await keep(3, [event(3)]);
			expect((await logOf()).events[2]?.kind).toBe('erased');
		});

		it('are duplicates for their author, and accept answers unless they are answers', async () => {
			await keep(3, [event(1), event(2, { data: { text: 'yes', parent: 's1' } })]);
			const again = comment({ id: 's1', user: 'sue', data: { text: 'said 1' } });
			expect(await appendEach(store, again, { ...again, user: 'eve' }, answerTo('s1'), answerTo('s2'))).toEqual([
				'duplicate',
				'conflict',
				'added',
				'parentIsAnswer',
			]);
		});

		it('delete comments of any region, also those that arrive after the deletion', async () => {
			const own = comment();
			await store.append([own]);
			await keep(3, [deletionOf(1, own.id, ['ann', REGION, 1]), deletionOf(2, 'w1', ['sue', 'west', 1])]);
			expect((await store.find(TOPIC, own.id)).map(({ event: { kind } }) => kind)).toEqual(['erased']);
			await keep(1, [event(1, { id: 'w1' }), event(2, { id: 'w2' })], 'west');
			expect((await logOf('west')).events.map(({ kind, data }) => [kind, data])).toEqual([
				['erased', {}],
				['comment', { text: 'said 2' }],
			]);
			const { comments } = await store.history(TOPIC, undefined, 10);
			expect(comments.map(({ id }) => id)).toEqual(['w2']);
			// The author gets a duplicate, and so does a comment with the deleted id.
			expect(await appendEach(store, deleteOf(own), comment({ id: 'w1', user: 'sue' }))).toEqual([
				'duplicate',
				'duplicate',
			]);
			expect((await logOf(REGION)).head).toBe(1);
			await keep(3, [deletionOf(3, 'later', ['sue', 'west', 9])]);
			expect(await appendEach(store, comment({ id: 'later' }))).toEqual(['conflict']);
		});

		it('of one message delete each other in any order, and may repeat', async () => {
			await keep(3, [
				deletionOf(2, 's1', ['sue', 'south', 1]),
				event(1),
				event(1),
				event(3, { kind: 'erased', data: {} }),
				event(3),
			]);
			expect((await logOf()).events.map(({ offset, kind }) => [offset, kind])).toEqual([
				[1, 'erased'],
				[2, 'comment-deleted'],
				[3, 'erased'],
			]);
		});

		it('of a lower epoch are ignored, and of a higher one replace those of their topic', async () => {
			await keep(5, [event(1), event(2)]);
			await keep(5, [event(1)], 'south', 'video:v2');
			await keep(4, [event(3)]);
			expect(await offsetsOf()).toEqual([1, 2]);
			await keep(6, [event(2, { data: { text: 'again' } })]);
			expect(await logOf()).toEqual({ epoch: 6, head: 2, events: [event(2, { data: { text: 'again' } })] });
			expect((await store.events('video:v2', 'south', 0, 10)).epoch).toBe(5);
			expect(await store.find(TOPIC, 's1')).toEqual([]);
		});

		it('of lower epochs are removed by a complete sync in a higher one', async () => {
			await keep(5, [event(1), event(2)]);
			await keep(5, [event(1)], 'west');
			await completeSync(5);
			expect(await offsetsOf()).toEqual([1, 2]);
			await completeSync(7);
			expect(await logOf()).toEqual({ epoch: 7, head: 0, events: [] });
			expect(await store.find(TOPIC, 's2')).toEqual([]);
			expect(await offsetsOf('west')).toEqual([1]);
			await keep(6, [event(1)]);
			expect(await offsetsOf()).toEqual([]);
			await keep(7, [event(1)]);
			expect(await logOf()).toEqual({ epoch: 7, head: 1, events: [event(1)] });
		});

		it('are hidden once the region reports a head in a higher epoch', async () => {
			await keep(5, [event(1), event(2)]);
			await headIs(6, 1);
			expect(await logOf()).toEqual({ epoch: 6, head: 1, events: [] });
		});

		it('are refused for the own region, and with a name that cannot be stored', async () => {
			await expect(keep(2 ** 50, [event(1)], REGION)).rejects.toBeInstanceOf(StoreError);
			await expect(keep(1, [event(1, { id: 'a\0' })])).rejects.toThrow(/U\+0000/);
			await expect(keep(1, [event(1, { user: 'a\0' })])).rejects.toBeInstanceOf(StoreError);
			expect(await offsetsOf()).toEqual([]);
			await keep(1, [event(1, { data: { text: 'a\0b' } })]);
			expect((await logOf()).events).toEqual([event(1, { data: { text: 'a\0b' } })]);
		});
	});

	describe(`${name}: missing events`, () => {
		const missing = () => store.missing('south', [TOPIC, 'video:v2', 'conversation:c1']);

		it('are those from the first hole up to the known head', async () => {
			expect(await missing()).toEqual(new Map());
			await headIs(3, 5);
			expect(await missing()).toEqual(new Map([[TOPIC, 0]]));
			await keep(3, [event(1), event(2), event(4)]);
			expect(await missing()).toEqual(new Map([[TOPIC, 2]]));
			expect((await logOf()).head).toBe(5);
			await keep(3, [event(3)]);
			expect(await missing()).toEqual(new Map([[TOPIC, 4]]));
			await keep(3, [event(5), event(6)]);
			expect(await missing()).toEqual(new Map());
			await headIs(3, 1, 'south', 'conversation:c1');
			expect(await missing()).toEqual(new Map([['conversation:c1', 0]]));
			expect(await store.missing('west', [TOPIC])).toEqual(new Map());
		});

		it('limit the head in reads to the events before the first hole', async () => {
			const headOf = async (topic: string) => (await store.read([topic])).get(topic)?.south?.logHead ?? 0;
			await headIs(3, 5);
			expect(await headOf(TOPIC)).toBe(0);
			await keep(3, [event(1), event(2), event(4)]);
			expect(await headOf(TOPIC)).toBe(2);
			await keep(3, [event(3), event(5)]);
			expect(await headOf(TOPIC)).toBe(5);
			await headIs(4, 1);
			expect(await headOf(TOPIC)).toBe(0);
			await headIs(3, 1, 'south', 'conversation:c1');
			expect(await headOf('conversation:c1')).toBe(0);
			await keep(3, [event(1)], 'south', 'conversation:c1');
			expect(await headOf('conversation:c1')).toBe(1);
		});

		it('are all events in a higher epoch, and none while its head is unknown', async () => {
			await headIs(3, 2);
			await keep(3, [event(1), event(2)]);
			await headIs(4, 1);
			expect(await missing()).toEqual(new Map([[TOPIC, 0]]));
			await keep(5, [event(3)]);
			expect(await missing()).toEqual(new Map());
			await headIs(5, 3);
			expect(await missing()).toEqual(new Map([[TOPIC, 0]]));
		});

		it('shrink by events in any order, also repeated ones', async () => {
			const parts = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 8 })), { maxLength: 8 });
			let run = 0;
			await fc.assert(
				fc.asyncProperty(parts, async (offsets) => {
					const topic = `video:filled-${run++}`;
					await headIs(1, 8, 'south', topic);
					const seen = new Set<number>();
					for (const part of offsets) {
						await keep(
							1,
							part.map((offset) => event(offset)),
							'south',
							topic,
						);
						for (const offset of part) seen.add(offset);
						let through = 0;
						while (seen.has(through + 1)) through++;
						const expected = through === 8 ? [] : [[topic, through]];
						expect([...(await store.missing('south', [topic]))]).toEqual(expected);
					}
					const { events } = await store.events(topic, 'south', 0, 100);
					expect(events.map(({ offset }) => offset)).toEqual([...seen].sort((a, b) => a - b));
				}),
				{ numRuns: 30 },
			);
		});
	});

	describe(`${name}: logs of a restored store`, () => {
		it('continue from the backup, in the new epoch', async () => {
			await store.append([comment(), comment()]);
			await store.close();
			const { after } = await place.markRestored();
			store = await place.open();
			expect(await appendEach(store, comment())).toEqual(['added']);
			expect(await logOf(REGION)).toMatchObject({ epoch: after, head: 3 });
		});
	});
}
