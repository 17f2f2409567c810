import { describe, expect, it } from 'vitest';
import type { Deletion, LogEvent } from '../src/state/log.ts';
import type { Store } from '../src/store/store.ts';
import { answerTo, appendEach, comment, deleteOf, TOPIC } from './log-commands.ts';
import { REGION, type StorePlace, usePlace } from './store-place.ts';

const ID = '6f1d1f0c-3f0b-4bd5-9a55-1f7a4d1e7a10';

/** Tests comments with one id that two regions numbered, and the order of events of several logs. */
export function describeTwoLogs(name: string, makePlace: () => StorePlace): void {
	let place: StorePlace;
	let store: Store;
	usePlace(makePlace, (opened, at) => {
		place = at;
		store = opened;
	});

	const own = comment({ id: ID, user: 'ann', data: { text: 'of ann' } });
	const event = (offset: number, more: Partial<LogEvent> = {}): LogEvent => ({
		offset,
		id: ID,
		kind: 'comment',
		user: 'sue',
		at: 1_700_000_000_000,
		order: 1_700_000_000_000 * 1_024 + offset,
		data: { text: 'of sue' },
		...more,
	});
	const deletion = (offset: number, erased: Partial<Deletion> = {}): LogEvent =>
		event(offset, {
			kind: 'comment-deleted',
			user: 'moderator',
			data: { comment: ID, user: 'sue', region: 'south', epoch: 3, offset: 1, ...erased },
		});
	const keep = (events: readonly LogEvent[], region = 'south') =>
		store.keepEvents(region, new Map([[TOPIC, { epoch: 3, events }]]));
	const textsOf = async () =>
		(await store.history(TOPIC, undefined, 100)).comments.map(({ region, data }) => `${region}: ${data.text}`).sort();
	const moderate = (author?: string) => deleteOf(own, { user: 'mod', moderator: true, author });

	describe(`${name}: an event of another region`, () => {
		it('names the log that numbered it, also in the outcome of a repeated comment or deletion', async () => {
			await keep([event(1), event(2, { id: 'other' }), deletion(3)]);
			const sent = comment({ id: 'other', user: 'sue', data: { text: 'of sue' } });
			const { outcomes } = await store.append([sent, deleteOf({ ...own, user: 'sue' })]);
			expect(outcomes).toEqual([
				{ kind: 'duplicate', region: 'south', epoch: 3, event: event(2, { id: 'other' }) },
				{ kind: 'duplicate', region: 'south', epoch: 3, event: deletion(3) },
			]);
			expect((await store.events(TOPIC, REGION, 0, 10)).head).toBe(0);
		});

		it('is a duplicate in a repeated deletion, if only its deletion has arrived', async () => {
			await keep([deletion(2)]);
			const again = [deleteOf({ ...own, user: 'sue' }), moderate(), moderate('sue')];
			const { outcomes } = await store.append([...again, moderate('ann'), deleteOf(own)]);
			expect(outcomes).toEqual([
				...again.map(() => ({ kind: 'duplicate', region: 'south', epoch: 3, event: deletion(2) })),
				{ kind: 'notFound' },
				{ kind: 'notAuthor' },
			]);
			await keep([deletion(4, { user: 'ann', offset: 3 })]);
			expect((await store.append([moderate()])).outcomes).toEqual([{ kind: 'ambiguous' }]);
		});

		it('is a duplicate for its author, and conflicts for others, if only its deletion has arrived', async () => {
			await keep([deletion(2)]);
			const again = comment({ id: ID, user: 'sue', data: { text: 'of sue' } });
			const { outcomes } = await store.append([again, own, { ...again, event: 'custom' }]);
			expect(outcomes).toEqual([
				{ kind: 'duplicate', region: 'south', epoch: 3, event: deletion(2) },
				{ kind: 'conflict' },
				{ kind: 'conflict' },
			]);
			await keep([event(5, { user: 'bob' })], 'west');
			expect(await appendEach(store, again, own)).toEqual(['duplicate', 'conflict']);
		});
	});

	describe(`${name}: two comments with one id`, () => {
		it('are both listed, and the deletion of one leaves the other', async () => {
			await store.append([own]);
			await keep([event(1)]);
			expect(await textsOf()).toEqual(['north: of ann', 'south: of sue']);
			const { outcomes } = await store.append([deleteOf({ ...own, user: 'sue' })]);
			expect(outcomes).toMatchObject([
				{
					kind: 'added',
					region: REGION,
					event: { user: 'sue', data: { comment: ID, user: 'sue', region: 'south', epoch: 3, offset: 1 } },
				},
			]);
			expect(await textsOf()).toEqual(['north: of ann']);
			expect((await store.find(TOPIC, ID)).map(({ region, event: { kind } }) => [region, kind])).toEqual([
				[REGION, 'comment'],
				['south', 'erased'],
			]);
			expect(await appendEach(store, deleteOf(own), deleteOf(own), deleteOf({ ...own, user: 'sue' }))).toEqual([
				'added',
				'duplicate',
				'duplicate',
			]);
		});

		it('are each a duplicate for their user, and conflict for other users', async () => {
			await store.append([own]);
			await keep([event(1)]);
			const again = { ...own, user: 'sue', data: { text: 'of sue' } };
			const { outcomes } = await store.append([own, again, { ...own, user: 'eve' }]);
			expect(outcomes).toMatchObject([
				{ kind: 'duplicate', region: REGION, event: { user: 'ann' } },
				{ kind: 'duplicate', region: 'south', event: { user: 'sue' } },
				{ kind: 'conflict' },
			]);
		});

		it('are ambiguous for a moderator without the name of the author', async () => {
			await store.append([own]);
			await keep([event(1)]);
			expect(await appendEach(store, moderate(), moderate('eve'), deleteOf(own, { user: 'eve' }))).toEqual([
				'ambiguous',
				'notFound',
				'notAuthor',
			]);
			expect(await appendEach(store, moderate('sue'), moderate('sue'), moderate())).toEqual([
				'added',
				'duplicate',
				'ambiguous',
			]);
			expect(await textsOf()).toEqual(['north: of ann']);
		});

		it('are distinguished by a deletion of another region, whichever arrives first', async () => {
			await keep([deletion(1, { region: 'west', offset: 2 })]);
			await keep([event(2), event(3, { id: 'w3' })], 'west');
			expect(await textsOf()).toEqual(['west: of sue']);
			await keep([event(2)]);
			expect(await textsOf()).toEqual(['south: of sue', 'west: of sue']);
			await keep([deletion(3, { region: 'south', offset: 2 })]);
			expect(await textsOf()).toEqual(['west: of sue']);
		});

		it('stay if a deletion names another author, number, id or region', async () => {
			await store.append([own]);
			await keep([event(1)]);
			await keep([
				deletion(2, { user: 'eve' }),
				deletion(3, { offset: 7 }),
				deletion(4, { region: 'west' }),
				event(5, { ...deletion(5), id: 'another', data: { ...deletion(5).data, comment: 'another' } }),
				deletion(6, { region: REGION, user: 'sue' }),
			]);
			expect(await textsOf()).toEqual(['north: of ann', 'south: of sue']);
		});

		it('accept answers if one of them is no answer', async () => {
			const parent = comment();
			await store.append([parent, { ...own, parent: parent.id }]);
			expect(await appendEach(store, answerTo(ID))).toEqual(['parentIsAnswer']);
			await keep([event(1)]);
			expect(await appendEach(store, answerTo(ID))).toEqual(['added']);
		});
	});

	describe(`${name}: the order of events`, () => {
		const NOW = 1_700_000_000_000;
		const DAY = 86_400_000;
		const idsOf = async () => (await store.history(TOPIC, undefined, 100)).comments.map(({ id }) => id);
		const commentAt = (id: string, at: number) => comment({ id, at });

		it('is that of the log, also after the clock was ahead or goes back', async () => {
			await store.append([commentAt('ahead', NOW + DAY)]);
			await store.append([commentAt('later', NOW), commentAt('latest', NOW - DAY)]);
			expect(await idsOf()).toEqual(['latest', 'later', 'ahead']);
			await store.close();
			store = await place.open();
			await store.append([commentAt('after', NOW + 1)]);
			expect(await idsOf()).toEqual(['after', 'latest', 'later', 'ahead']);
			const { events } = await store.events(TOPIC, REGION, 0, 10);
			expect(events.map(({ at }) => at)).toEqual([NOW + DAY, NOW, NOW - DAY, NOW + 1]);
			expect(events.map(({ order }) => order)).toEqual([0, 1, 2, 3].map((next) => (NOW + DAY) * 1_024 + next));
		});

		it('follows the known orders of other regions, by at most a minute', async () => {
			const orderAfter = async (theirs: number, offset: number) => {
				await keep([event(offset, { id: `s${offset}`, order: theirs })]);
				const { outcomes } = await store.append([commentAt(`n${offset}`, NOW)]);
				return outcomes[0]?.kind === 'added' ? outcomes[0].event.order : undefined;
			};
			expect(await orderAfter((NOW - 5) * 1_024, 1)).toBe(NOW * 1_024);
			expect(await orderAfter((NOW + 30_000) * 1_024, 2)).toBe((NOW + 30_000) * 1_024 + 1);
			expect(await orderAfter((NOW + DAY) * 1_024, 3)).toBe((NOW + 60_000) * 1_024 + 1);
			expect(await orderAfter((NOW + DAY) * 1_024 + 1, 4)).toBe((NOW + 60_000) * 1_024 + 2);
		});

		it('is the same over all pages', async () => {
			await store.append(['a', 'b', 'c', 'd'].map((id, index) => commentAt(id, NOW - index)));
			await keep([event(1, { id: 's' })]);
			const seen: string[] = [];
			let before: string | undefined;
			do {
				const { comments, next } = await store.history(TOPIC, before, 2);
				seen.push(...comments.map(({ id }) => id));
				before = next;
			} while (before !== undefined);
			expect(seen).toEqual(await idsOf());
		});
	});
}
