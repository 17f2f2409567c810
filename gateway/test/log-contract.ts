import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENDED_AT, type LikesRows, LOG_HEAD } from '../src/delivery/likes.ts';
import type { LogEvent } from '../src/delivery/log.ts';
import type { LogOutcome } from '../src/store/log-store.ts';
import { type LikeCommand, type Store, StoreError } from '../src/store/store.ts';
import { answerTo, appendEach, comment, deleteOf, endOf, TOPIC } from './log-commands.ts';
import { REGION, type StorePlace } from './store-place.ts';

/** What every store has to do with the logs of its own region. */
export function describeLog(name: string, makePlace: () => StorePlace): void {
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

	const outcomesOf = (...commands: Parameters<Store['append']>[0]) => appendEach(store, ...commands);
	const eventsOf = async (topic = TOPIC, after = 0, limit = 1_000) => store.events(topic, REGION, after, limit);
	const rowsOf = async (video = 'v1') => (await store.read([video])).get(video)?.[REGION];
	const like = (more: Partial<LikeCommand> = {}): LikeCommand => ({
		kind: 'like',
		video: 'v1',
		id: randomUUID(),
		user: 'ann',
		type: 'heart',
		once: false,
		at: 1,
		...more,
	});
	const told = ({ id, user, at, data }: ReturnType<typeof comment>, offset: number): LogEvent => ({
		offset,
		id,
		kind: 'comment',
		user,
		at,
		data,
	});

	describe(`${name}: an event`, () => {
		it('is numbered in its topic from 1 on, without holes, and its log head is told with the rows', async () => {
			const [one, two, other] = [comment(), comment({ user: 'bob' }), comment({ topic: 'conversation:c1' })];
			const { outcomes, rows } = await store.append([one, other, two]);
			expect(outcomes).toEqual([
				{ kind: 'added', event: told(one, 1) },
				{ kind: 'added', event: told(other, 1) },
				{ kind: 'added', event: told(two, 2) },
			]);
			expect(rows.get(TOPIC)?.[REGION]?.counts).toEqual({ [LOG_HEAD]: [2, 0] });
			expect(rows.get('conversation:c1')?.[REGION]?.counts).toEqual({ [LOG_HEAD]: [1, 0] });
			expect((await store.read(['/conversation:c1'])).get('/conversation:c1')).toEqual(rows.get('conversation:c1'));
			expect(await outcomesOf(comment())).toEqual(['added']);
			const { epoch, events, head } = await eventsOf();
			expect([epoch, head]).toEqual([(await rowsOf())?.epoch, 3]);
			expect(events.map(({ offset }) => offset)).toEqual([1, 2, 3]);
		});

		it('is told in parts', async () => {
			await store.append(Array.from({ length: 10 }, () => comment()));
			const part = await eventsOf(TOPIC, 3, 4);
			expect([part.events.map(({ offset }) => offset), part.head]).toEqual([[4, 5, 6, 7], 10]);
			expect(await eventsOf(TOPIC, 10)).toMatchObject({ events: [], head: 10 });
			expect(await eventsOf(TOPIC, 99)).toMatchObject({ events: [], head: 10 });
			expect(await eventsOf('video:none')).toMatchObject({ epoch: part.epoch, events: [], head: 0 });
			expect(await store.events(TOPIC, 'nowhere', 0, 10)).toEqual({ epoch: 0, events: [], head: 0 });
			expect(await store.events(TOPIC, 'constructor', 0, 10)).toEqual({ epoch: 0, events: [], head: 0 });
		});

		it('that comes again is a duplicate, whatever the order of its names, also within one transaction', async () => {
			const one = comment({ event: 'custom', data: { name: 'goal', data: { home: 1, away: [0, { a: null, b: 2 }] } } });
			const same = { ...one, data: { data: { away: [0, { b: 2, a: null }], home: 1 }, name: 'goal' } };
			const { outcomes } = await store.append([one, same]);
			expect(outcomes.map(({ kind }) => kind)).toEqual(['added', 'duplicate']);
			expect(await store.append([{ ...same, at: 99 }])).toMatchObject({
				outcomes: [{ kind: 'duplicate', event: { offset: 1, at: one.at, data: one.data } }],
			});
			expect((await eventsOf()).head).toBe(1);
		});

		it('conflicts when its id is that of another user, kind or data; in another topic it does not', async () => {
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
			expect(await store.find(TOPIC, one.id)).toEqual(told(one, 1));
			expect(await store.find('video:v2', one.id)).toBeUndefined();
			expect(await store.find(TOPIC, randomUUID())).toBeUndefined();
		});

		it('is there, under the same number, after the store was opened again', async () => {
			const one = comment();
			await store.append([one]);
			await store.close();
			store = await place.open();
			expect((await eventsOf()).events).toEqual([told(one, 1)]);
			expect(await outcomesOf(one, comment())).toEqual(['duplicate', 'added']);
			expect((await eventsOf()).head).toBe(2);
		});

		it('is told to other regions as a change of the rows', async () => {
			const { next } = await store.changes(undefined, 10);
			await store.append([comment()]);
			const changes = await store.changes(next, 10);
			expect([...changes.rows]).toEqual([['v1', { [REGION]: await rowsOf() }]]);
			await outcomesOf(comment({ id: 'same' }), comment({ id: 'same' }));
			const after = (await store.changes(changes.next, 10)).next;
			await outcomesOf(comment({ id: 'same' }));
			expect((await store.changes(after, 10)).rows.size).toBe(0);
		});
	});

	describe(`${name}: an answer`, () => {
		it('tells what it answers, in its data', async () => {
			const one = comment();
			const answer = answerTo(one.id);
			const { outcomes } = await store.append([one, answer]);
			const data = { text: 'hello', parent: one.id };
			expect(outcomes[1]).toEqual({ kind: 'added', event: { ...told(answer, 2), data } });
			expect(await outcomesOf(answer, { ...answer, parent: undefined })).toEqual(['duplicate', 'conflict']);
		});

		it('needs a comment of the same topic that answers none itself, is no other event, and is not deleted', async () => {
			const [one, custom, elsewhere, gone] = [
				comment(),
				comment({ event: 'custom' }),
				comment({ topic: 'video:v2' }),
				comment(),
			];
			const answer = answerTo(one.id);
			await outcomesOf(one, custom, elsewhere, gone, answer, deleteOf(gone));
			const parents = [randomUUID(), custom.id, elsewhere.id, gone.id, answer.id];
			expect(await outcomesOf(...parents.map((parent) => answerTo(parent)))).toEqual([
				'unknownParent',
				'unknownParent',
				'unknownParent',
				'unknownParent',
				'parentIsAnswer',
			]);
		});
	});

	describe(`${name}: deleting`, () => {
		it('forgets what was written, keeps the number, and is an event itself', async () => {
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
				data: { comment: one.id },
			};
			expect(outcomes).toEqual([{ kind: 'added', event: deletion }]);
			expect(rows.get(TOPIC)?.[REGION]?.counts).toEqual({ [LOG_HEAD]: [4, 0] });
			const { events } = await eventsOf();
			expect(events[0]).toEqual({ ...told(one, 1), kind: 'erased', data: {} });
			expect(events[1]).toEqual(told(two, 2));
			expect(events[3]).toEqual(deletion);
			expect(await store.find(TOPIC, one.id)).toEqual(events[0]);
			expect(JSON.stringify(events)).not.toContain('secret');
		});

		it('is for the author and for moderators alone, and done once', async () => {
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
			expect(outcomes).toEqual([{ kind: 'duplicate', event: (await eventsOf()).events[2] }]);
			expect((await eventsOf()).head).toBe(4);
		});

		it('finds no comment that was never written, nor one of another topic, nor what is none', async () => {
			const [one, custom] = [comment(), comment({ event: 'custom' })];
			await store.append([one, custom]);
			expect(await outcomesOf(deleteOf(comment()), deleteOf({ ...one, topic: 'video:v2' }), deleteOf(custom))).toEqual([
				'notFound',
				'notFound',
				'notFound',
			]);
		});

		it('works within the transaction that wrote it; a late copy of the comment does not return', async () => {
			const one = comment();
			const { outcomes } = await store.append([one, deleteOf(one), one]);
			expect(outcomes.map(({ kind }) => kind)).toEqual(['added', 'added', 'duplicate']);
			expect(await outcomesOf(one, { ...one, user: 'bob' })).toEqual(['duplicate', 'conflict']);
			expect((await store.find(TOPIC, one.id))?.kind).toBe('erased');
		});
	});

	describe(`${name}: the end of a video`, () => {
		it('refuses what is new, lets duplicates be, and comments be deleted', async () => {
			const [one, two] = [comment(), comment()];
			const [before, taken, single] = [like(), like(), like({ type: 'clap', once: true })];
			const takeBack = (given: LikeCommand) => ({ ...given, kind: 'takeBack' as const });
			await store.append([one, two]);
			await store.commit([before, taken, takeBack(taken), single]);
			const { outcomes, rows } = await store.append([endOf()]);
			expect(outcomes).toEqual([{ kind: 'ended' }]);
			expect(rows.get(TOPIC)?.[REGION]?.counts[ENDED_AT]).toEqual([1_700_000_001_000, 0]);
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
				{ kind: 'takenBack' },
				{ kind: 'duplicate', id: taken.id },
				{ kind: 'duplicate', id: single.id },
			]);
			expect((await store.commit([{ ...before, user: 'bob' }])).outcomes).toEqual([{ kind: 'conflict' }]);
			expect((await rowsOf())?.counts).toMatchObject({ heart: [2, 1], clap: [1, 0] });
		});

		it('is when it was first said, counts for what follows in its transaction, and for no other video', async () => {
			const { outcomes, rows } = await store.append([
				comment(),
				endOf(TOPIC, 5),
				comment(),
				endOf(TOPIC, 7),
				comment({ topic: 'video:v2' }),
			]);
			expect(outcomes.map(({ kind }) => kind)).toEqual(['added', 'ended', 'videoEnded', 'ended', 'added']);
			expect(rows.get(TOPIC)?.[REGION]?.counts).toEqual({ [LOG_HEAD]: [1, 0], [ENDED_AT]: [5, 0] });
			expect(await outcomesOf(endOf(TOPIC, 9))).toEqual(['ended']);
			expect((await rowsOf())?.counts[ENDED_AT]).toEqual([5, 0]);
			expect((await store.commit([like({ video: 'v2' })])).outcomes).toEqual([{ kind: 'counted' }]);
		});

		it('is told to other regions as a change, and taken from them', async () => {
			const { next } = await store.changes(undefined, 10);
			await store.append([endOf()]);
			expect([...(await store.changes(next, 10)).rows.keys()]).toEqual(['v1']);
			const ended: LikesRows = { south: { epoch: 3, counts: { [ENDED_AT]: [5, 0] } } };
			await store.replicate('south', new Map([['v2', ended]]));
			expect(await outcomesOf(comment({ topic: 'video:v2' }))).toEqual(['videoEnded']);
			expect((await store.commit([like({ video: 'v2' })])).outcomes).toEqual([{ kind: 'videoEnded' }]);
			// Its store was restored from a backup that has never seen the end.
			await store.replicate('south', new Map([['v2', { south: { epoch: 4, counts: {} } }]]));
			expect(await outcomesOf(comment({ topic: 'video:v2' }))).toEqual(['added']);
			expect((await store.commit([like({ video: 'v2' })])).outcomes).toEqual([{ kind: 'counted' }]);
		});
	});

	describe(`${name}: a history`, () => {
		const idsOf = (comments: readonly LogEvent[]) => comments.map(({ id }) => id);

		it('tells comments, newest first by time, page by page, whatever comes meanwhile', async () => {
			const at = (id: number, time: number) => comment({ id: `c${id}`, at: time });
			const comments = [at(1, 10), at(2, 30), at(3, 20), at(5, 20), at(4, 20), at(6, 5)];
			await store.append([...comments, comment({ event: 'custom', at: 25 }), comment({ topic: 'video:v2', at: 25 })]);
			expect(idsOf((await store.history(TOPIC, undefined, 10)).comments)).toEqual(['c2', 'c4', 'c5', 'c3', 'c1', 'c6']);
			const seen: string[] = [];
			let before: string | undefined;
			do {
				const page = await store.history(TOPIC, before, 2);
				seen.push(...idsOf(page.comments));
				before = page.next;
				await store.append([comment({ at: 40 })]);
			} while (before !== undefined);
			expect(seen).toEqual(['c2', 'c4', 'c5', 'c3', 'c1', 'c6']);
			expect(await store.history('video:none', undefined, 10)).toEqual({ comments: [], next: undefined });
		});

		it('tells those of one time in the reverse order of their log, over all pages', async () => {
			await store.append(Array.from({ length: 200 }, () => comment()));
			const offsets: number[] = [];
			let before: string | undefined;
			do {
				const page = await store.history(TOPIC, before, 7);
				offsets.push(...page.comments.map(({ offset }) => offset));
				before = page.next;
			} while (before !== undefined);
			expect(offsets).toEqual(Array.from({ length: 200 }, (_, index) => 200 - index));
		});

		it('leaves out what was deleted, and goes on behind it', async () => {
			const comments = Array.from({ length: 5 }, (_, index) => comment({ id: `c${index}`, at: index }));
			await store.append(comments);
			const { next } = await store.history(TOPIC, undefined, 2);
			const [, , , third] = comments;
			await store.append([deleteOf(third as (typeof comments)[0])]);
			expect(idsOf((await store.history(TOPIC, next, 10)).comments)).toEqual(['c2', 'c1', 'c0']);
			expect(idsOf((await store.history(TOPIC, undefined, 10)).comments)).toEqual(['c4', 'c2', 'c1', 'c0']);
		});

		it('has a place that is safe in an address, and refuses what is none', async () => {
			await store.append([comment(), comment()]);
			const { next } = await store.history(TOPIC, undefined, 1);
			expect(next).toMatch(/^[\w-]+$/);
			const texts = [
				'[1]',
				'[1,2]',
				'[1,2,3]',
				'["1","a",2]',
				'[1.5,"a",2]',
				'[1,"a",2.5]',
				'[1,"a","2"]',
				'[1,"a",2,3]',
				'[1, "a", 2]',
				'{}',
				'null',
				'[1,"\\u0000",2]',
				'[1e999,"a",2]',
				'[1,"a",1e999]',
				// By time and id, as it was once.
				'[1,"a"]',
			];
			const wrong = ['', '!', 'abc', `${next}x`, ...texts.map((text) => Buffer.from(text).toString('base64url'))];
			for (const before of wrong) {
				await expect(store.history(TOPIC, before, 1), before).rejects.toMatchObject({ code: 'invalid_cursor' });
			}
		});
	});

	describe(`${name}: a transaction of events`, () => {
		it('is done whole or not at all, and a name with U+0000 in it is refused by name', async () => {
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

		it('keeps whatever text and data there are', async () => {
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

		it('of many at the same time leaves no hole and no number twice', async () => {
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

		it('does what a simple model does', async () => {
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
					const model = new LogModel();
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
					const standing = model.log().filter(([kind]) => kind === 'comment');
					const { comments } = await store.history(topic, undefined, 100);
					expect(idsSorted(comments)).toEqual(standing.map(([, id]) => id).sort());
				}),
				{ numRuns: 60 },
			);
		});
	});
}

const idsSorted = (events: readonly LogEvent[]) => events.map(({ id }) => id).sort();

/** What a log does, in memory. */
class LogModel {
	readonly #comments = new Map<string, { user: string; parent: string | undefined; erased: boolean }>();
	readonly #log: [kind: 'comment' | 'comment-deleted', id: string][] = [];
	#ended = false;

	apply(command: Parameters<Store['append']>[0][number]): LogOutcome['kind'] {
		if (command.kind === 'end') {
			this.#ended = true;
			return 'ended';
		}
		const known = this.#comments.get(command.id);
		if (command.kind === 'delete') {
			if (known === undefined) return 'notFound';
			if (known.user !== command.user && !command.moderator) return 'notAuthor';
			if (known.erased) return 'duplicate';
			known.erased = true;
			this.#log.push(['comment-deleted', command.id]);
			return 'added';
		}
		const { id, user, parent } = command;
		if (known !== undefined) {
			return known.user === user && (known.erased || known.parent === parent) ? 'duplicate' : 'conflict';
		}
		if (this.#ended) return 'videoEnded';
		const answered = parent === undefined ? undefined : this.#comments.get(parent);
		if (parent !== undefined && (answered === undefined || answered.erased)) return 'unknownParent';
		if (answered?.parent !== undefined) return 'parentIsAnswer';
		this.#comments.set(id, { user, parent, erased: false });
		this.#log.push(['comment', id]);
		return 'added';
	}

	log(): [kind: string, id: string][] {
		return this.#log.map(([kind, id]) =>
			kind === 'comment' && this.#comments.get(id)?.erased ? ['erased', id] : [kind, id],
		);
	}
}
