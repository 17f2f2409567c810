import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CounterRows } from '../src/state/counters.ts';
import type { LogEvent } from '../src/state/log.ts';
import type { LikeCommand, Store } from '../src/store/store.ts';
import { like } from './like-commands.ts';
import { answerTo, appendEach, comment, deleteOf, endOf, published, TOPIC } from './log-commands.ts';
import { REGION, type StorePlace, usePlace } from './store-place.ts';

/** Tests the comments of a store: answers, deletions, and the end of a video. */
export function describeComments(name: string, makePlace: () => StorePlace): void {
	let store: Store;
	usePlace(makePlace, (opened) => {
		store = opened;
	});

	const outcomesOf = (...commands: Parameters<Store['append']>[0]) => appendEach(store, ...commands);
	const eventsOf = async (topic = TOPIC, after = 0, limit = 1_000) => store.events(topic, REGION, after, limit);
	const rowsOf = async (topic = TOPIC) => (await store.read([topic])).get(topic)?.[REGION];

	describe(`${name}: an answer`, () => {
		it('names its parent in its data', async () => {
			const one = comment();
			const answer = answerTo(one.id);
			const { outcomes } = await store.append([one, answer]);
			const data = { text: 'hello', parent: one.id };
			expect(outcomes[1]).toMatchObject({ kind: 'added', region: REGION, event: { ...published(answer, 2), data } });
			expect(await outcomesOf(answer, { ...answer, parent: undefined })).toEqual(['duplicate', 'conflict']);
		});

		it('requires a comment of the same topic that is no answer and not deleted', async () => {
			const [one, custom, ofOtherTopic, gone] = [
				comment(),
				comment({ event: 'custom' }),
				comment({ topic: 'video:v2' }),
				comment(),
			];
			const answer = answerTo(one.id);
			await outcomesOf(one, custom, ofOtherTopic, gone, answer, deleteOf(gone));
			const parents = [randomUUID(), custom.id, ofOtherTopic.id, gone.id, answer.id];
			expect(await outcomesOf(...parents.map((parent) => answerTo(parent)))).toEqual([
				'unknownParent',
				'unknownParent',
				'unknownParent',
				'unknownParent',
				'parentIsAnswer',
			]);
		});
	});

	describe(`${name}: a deletion`, () => {
		it('erases the text, keeps the number, and is an event itself', async () => {
			const [one, two] = [comment({ data: { text: 'secret' } }), comment()];
			const answer = answerTo(one.id);
			await store.append([one, two, answer]);
			const { outcomes, rows } = await store.append([deleteOf(one)]);
			const deletion: LogEvent = {
				offset: 4,
				id: one.id,
				kind: 'comment-deleted',
				user: 'ann',
				at: 1_700_000_000_500,
				order: 1_700_000_000_500 * 1_024,
				data: { comment: one.id, user: 'ann', region: REGION, epoch: (await eventsOf()).epoch, offset: 1 },
			};
			const own = { region: REGION, epoch: (await eventsOf()).epoch };
			expect(outcomes).toEqual([{ kind: 'added', ...own, event: deletion }]);
			expect(rows.get(TOPIC)?.[REGION]).toMatchObject({ counts: {}, logHead: 4 });
			const { events } = await eventsOf();
			expect(events[0]).toEqual({ ...published(one, 1), kind: 'erased', data: {} });
			expect(events[1]).toEqual(published(two, 2));
			expect(events[3]).toEqual(deletion);
			expect(await store.find(TOPIC, one.id)).toEqual([{ ...own, event: events[0] }]);
			expect(JSON.stringify(events)).not.toContain('secret');
		});

		it('is for the author and for moderators only, and happens once', async () => {
			const [one, two] = [comment(), comment()];
			await store.append([one, two]);
			expect(
				await outcomesOf(
					deleteOf(one, { user: 'bob' }),
					deleteOf(one, { user: 'bob', moderator: true }),
					deleteOf(one),
					deleteOf(one, { user: 'eve' }),
					deleteOf(two),
				),
			).toEqual(['notAuthor', 'added', 'duplicate', 'notAuthor', 'added']);
			const { outcomes } = await store.append([deleteOf(one)]);
			const { epoch, events } = await eventsOf();
			expect(outcomes).toEqual([{ kind: 'duplicate', region: REGION, epoch, event: events[2] }]);
			expect((await eventsOf()).head).toBe(4);
		});

		it('does not find an unknown comment, a comment of another topic, or a custom event', async () => {
			const [one, custom] = [comment(), comment({ event: 'custom' })];
			await store.append([one, custom]);
			expect(await outcomesOf(deleteOf(comment()), deleteOf({ ...one, topic: 'video:v2' }), deleteOf(custom))).toEqual([
				'notFound',
				'notFound',
				'notFound',
			]);
		});

		it('works in the transaction of its comment, and outlives a late copy of it', async () => {
			const one = comment();
			const { outcomes } = await store.append([one, deleteOf(one), one]);
			expect(outcomes.map(({ kind }) => kind)).toEqual(['added', 'added', 'duplicate']);
			expect(await outcomesOf(one, { ...one, user: 'bob' })).toEqual(['duplicate', 'conflict']);
			expect((await store.find(TOPIC, one.id)).map(({ event }) => event.kind)).toEqual(['erased']);
		});
	});

	describe(`${name}: the end of a video`, () => {
		it('refuses new events and likes, and allows duplicates and deletions', async () => {
			const [one, two] = [comment(), comment()];
			const [before, taken, single] = [like(), like(), like({ type: 'clap', once: true })];
			const takeBack = (given: LikeCommand) => ({ ...given, kind: 'takeBack' as const });
			await store.append([one, two]);
			await store.commit([before, taken, takeBack(taken), single]);
			const { outcomes, rows } = await store.append([endOf()]);
			expect(outcomes).toEqual([{ kind: 'ended', duplicate: false }]);
			expect(rows.get(TOPIC)?.[REGION]?.endedAt).toBe(1_700_000_001_000);
			expect(await outcomesOf(one, comment(), { ...one, user: 'bob' }, deleteOf(two), answerTo(one.id))).toEqual([
				'duplicate',
				'videoEnded',
				'conflict',
				'added',
				'videoEnded',
			]);
			const likes = [before, like(), takeBack(before), takeBack(taken), taken, like({ type: 'clap', once: true })];
			expect((await store.commit(likes)).outcomes).toEqual([
				{ kind: 'duplicate', id: before.id },
				{ kind: 'videoEnded' },
				{ kind: 'videoEnded' },
				{ kind: 'takenBack', duplicate: true },
				{ kind: 'duplicate', id: taken.id },
				{ kind: 'duplicate', id: single.id },
			]);
			expect((await store.commit([{ ...before, user: 'bob' }])).outcomes).toEqual([{ kind: 'conflict' }]);
			expect((await rowsOf())?.counts).toMatchObject({ heart: [2, 1], clap: [1, 0] });
		});

		it('has the time of its first command, and holds for later commands of its transaction and no other video', async () => {
			const { outcomes, rows } = await store.append([
				comment(),
				endOf(TOPIC, 5),
				comment(),
				endOf(TOPIC, 7),
				comment({ topic: 'video:v2' }),
			]);
			expect(outcomes.map(({ kind }) => kind)).toEqual(['added', 'ended', 'videoEnded', 'ended', 'added']);
			expect(rows.get(TOPIC)?.[REGION]).toEqual({ epoch: expect.any(Number), counts: {}, logHead: 1, endedAt: 5 });
			expect((await store.append([endOf(TOPIC, 9)])).outcomes).toEqual([{ kind: 'ended', duplicate: true }]);
			expect((await rowsOf())?.endedAt).toBe(5);
			expect((await store.commit([like({ topic: 'video:v2' })])).outcomes).toEqual([{ kind: 'counted' }]);
		});

		it('is a change for other regions, and applies from other regions', async () => {
			const { next } = await store.changes(undefined, 10);
			await store.append([endOf()]);
			expect([...(await store.changes(next, 10)).rows.keys()]).toEqual(['video:v1']);
			const ended: CounterRows = { south: { epoch: 3, counts: {}, endedAt: 5 } };
			await store.replicate('south', new Map([['video:v2', ended]]));
			expect(await outcomesOf(comment({ topic: 'video:v2' }))).toEqual(['videoEnded']);
			expect((await store.commit([like({ topic: 'video:v2' })])).outcomes).toEqual([{ kind: 'videoEnded' }]);
			// Its store was restored from a backup from before the end.
			await store.replicate('south', new Map([['video:v2', { south: { epoch: 4, counts: {} } }]]));
			expect(await outcomesOf(comment({ topic: 'video:v2' }))).toEqual(['added']);
			expect((await store.commit([like({ topic: 'video:v2' })])).outcomes).toEqual([{ kind: 'counted' }]);
		});
	});
}
