import { randomUUID } from 'node:crypto';
import { MAX_TIMELINE_POINTS } from '@likewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { totalsOf } from '../src/state/counters.ts';
import { commentTopic } from '../src/state/topics/topic.ts';
import type { Store } from '../src/store/store.ts';
import { TIMELINE_ROWS } from '../src/store/timeline-page.ts';
import { commitEach, like, rowsOf, takeBack } from './like-commands.ts';
import { endOf, TOPIC } from './log-commands.ts';
import { type StorePlace, usePlace } from './store-place.ts';
import { sumOfSteps, timelineOf } from './timeline.ts';

/** The Unix second of the likes, and a time in it in Unix milliseconds. */
const SECOND = 1_700_000_000;
const AT = SECOND * 1_000 + 400;

/** Returns a like that its user gave at a second of the video. */
const likeAt = (second: number, more: Parameters<typeof like>[0] = {}) =>
	like({ at: AT, position: second * 1_000, ...more });

/** Returns the reactions without those of which none is left. */
const withoutZeros = (totals: Readonly<Record<string, number>>) =>
	Object.fromEntries(Object.entries(totals).filter(([, count]) => count !== 0));

/** Tests the timelines of a store. */
export function describeTimelines(name: string, makePlace: () => StorePlace): void {
	let place: StorePlace;
	let store: Store;
	usePlace(makePlace, (opened, at) => {
		place = at;
		store = opened;
	});

	const stepsOf = async (range?: Parameters<typeof timelineOf>[1]) => (await timelineOf(store, range)).steps;

	describe(`${name}: a timeline`, () => {
		it('has each like at the second of its position, else of its time', async () => {
			const before = { position: AT - 401 };
			await store.commit([like({ at: AT }), like({ at: AT, ...before }), like({ at: AT, ...before, type: 'clap' })]);
			await store.commit([like({ at: AT + 60_000, position: AT }), like({ topic: 'video:v2', at: AT })]);
			expect(await stepsOf()).toEqual([
				[SECOND - 1, { clap: 1, heart: 1 }],
				[SECOND, { heart: 2 }],
			]);
			expect(await stepsOf({ topic: 'video:none' })).toEqual([]);
		});

		it('has a repeated like once, at its first position', async () => {
			const one = likeAt(SECOND - 5);
			const again = { ...one, at: AT + 9_000, position: AT };
			expect(await commitEach(store, one, again, { ...again, user: 'bob' }, { ...again, type: 'clap' })).toEqual([
				'counted',
				'duplicate',
				'conflict',
				'conflict',
			]);
			expect(await stepsOf()).toEqual([[SECOND - 5, { heart: 1 }]]);
		});

		it('loses a like at its own second when its user takes it back, once', async () => {
			const [one, other] = [likeAt(SECOND - 50), likeAt(SECOND - 50)];
			await store.commit([one, other, likeAt(SECOND, { type: 'clap' })]);
			await commitEach(store, takeBack(one), takeBack(one), takeBack(other, 'bob'), one);
			expect(await stepsOf()).toEqual([
				[SECOND - 50, { heart: 1 }],
				[SECOND, { clap: 1 }],
			]);
			await store.commit([takeBack(other)]);
			expect(await stepsOf()).toEqual([[SECOND, { clap: 1 }]]);
		});

		it('has a reaction that a user gives once at the position of the one that counts', async () => {
			const [first, second, third] = [8, 7, 6].map((ago) => likeAt(SECOND - ago, { once: true }));
			await commitEach(store, first as never, second as never);
			expect(await stepsOf()).toEqual([[SECOND - 8, { heart: 1 }]]);
			await commitEach(store, takeBack(first as never), second as never, third as never);
			expect(await stepsOf()).toEqual([[SECOND - 6, { heart: 1 }]]);
		});

		it('has no likes of comments', async () => {
			const topic = commentTopic({ video: 'v1', id: randomUUID(), user: 'ann' });
			const one = like({ topic, at: AT });
			await commitEach(store, one, like({ topic, at: AT }), takeBack(one));
			expect(totalsOf(await rowsOf(store, topic))).toEqual({ heart: 1 });
			expect(await stepsOf({ topic })).toEqual([]);
			expect(await stepsOf()).toEqual([]);
		});

		it('adds up to the totals, whatever users like and take back', async () => {
			const ids = Array.from({ length: 8 }, () => randomUUID());
			const step = fc.record({
				kind: fc.constantFrom('like' as const, 'takeBack' as const),
				id: fc.constantFrom(...ids),
				type: fc.constantFrom('heart', 'clap'),
				once: fc.boolean(),
				ago: fc.option(fc.nat(60)),
			});
			let run = 0;
			await fc.assert(
				fc.asyncProperty(
					fc.array(fc.array(step, { minLength: 1, maxLength: 10 }), { maxLength: 4 }),
					async (batches) => {
						const topic = `video:sum-${run++}`;
						for (const batch of batches) {
							await store.commit(
								batch.map(({ kind, id, type, once, ago }) => {
									const position = ago === null ? undefined : AT - ago * 1_000;
									const one = like({ topic, id, type, once, at: AT, position });
									return kind === 'like' ? one : takeBack(one);
								}),
							);
						}
						const totals = withoutZeros(totalsOf(await rowsOf(store, topic)));
						for (const step of [1, 60]) expect(sumOfSteps(await stepsOf({ topic, step }))).toEqual(totals);
					},
				),
				{ numRuns: 40 },
			);
		});
	});

	describe(`${name}: a page of a timeline`, () => {
		it('sums whole steps within its range', async () => {
			const hour = SECOND - (SECOND % 3_600);
			const seconds = [hour - 1, hour, hour + 59, hour + 60, hour + 3_599, hour + 3_600];
			await store.commit(seconds.map((second) => likeAt(second)));
			const [from, to] = [hour, hour + 3_600];
			expect(await store.timeline({ topic: TOPIC, from, to, step: 60 })).toEqual({
				steps: [
					[hour, { heart: 2 }],
					[hour + 60, { heart: 1 }],
					[hour + 3_540, { heart: 1 }],
				],
				next: null,
				newest: hour + 3_600,
			});
			expect(await store.timeline({ topic: 'video:none', from, to, step: 60 })).toEqual({
				steps: [],
				next: null,
				newest: null,
			});
			expect(await stepsOf({ step: 3_600 })).toEqual([
				[hour - 3_600, { heart: 1 }],
				[hour, { heart: 4 }],
				[hour + 3_600, { heart: 1 }],
			]);
		});

		it('ends at its most steps, and names the second of the next one', async () => {
			const seconds = Array.from({ length: MAX_TIMELINE_POINTS + 1 }, (_, index) => SECOND + 10 * index);
			await store.commit(seconds.map((second) => likeAt(second)));
			const page = await store.timeline({ topic: TOPIC, from: 0, to: 2 * SECOND, step: 1 });
			expect(page.steps).toHaveLength(MAX_TIMELINE_POINTS);
			expect(page.next).toBe(SECOND + 10 * MAX_TIMELINE_POINTS);
			const { steps, pages } = await timelineOf(store);
			expect([pages, steps.map(([second]) => second)]).toEqual([2, seconds]);
		});

		it('ends early after many rows, and has whole steps, at least one', async () => {
			const types = Array.from({ length: 2 + TIMELINE_ROWS / 1_000 }, (_, index) => `r${index}`);
			const hour = SECOND - (SECOND % 3_600);
			const seconds = Array.from({ length: 1_000 }, (_, index) => hour + index);
			for (const type of types) await store.commit(seconds.map((second) => likeAt(second, { type })));
			const rows = types.length * seconds.length;
			const beyond = hour + Math.floor(TIMELINE_ROWS / types.length);
			for (const [step, next] of [
				[1, beyond],
				[60, beyond - (beyond % 60)],
				[3_600, hour + 3_600],
			] as const) {
				const page = await store.timeline({ topic: TOPIC, from: 0, to: 2 * SECOND, step });
				expect(page.next).toBe(next);
				const { steps } = await timelineOf(store, { step });
				expect(Object.values(sumOfSteps(steps)).reduce((sum, count) => sum + count, 0)).toBe(rows);
				expect(new Set(steps.map(([second]) => second)).size).toBe(steps.length);
			}
		});
	});

	describe(`${name}: a timeline outlives`, () => {
		it('its likes, which retention removes', async () => {
			await store.commit(Array.from({ length: 5 }, () => likeAt(SECOND)));
			await store.append([endOf()]);
			expect(await store.prune(AT + 1_000_000, 100)).toEqual({ likes: 5, more: false });
			expect(await stepsOf()).toEqual([[SECOND, { heart: 5 }]]);
		});

		it('a restart and a restore of the store, and changes of other regions', async () => {
			const one = likeAt(SECOND - 3);
			await store.commit([one, likeAt(SECOND)]);
			await store.close();
			await place.markRestored();
			store = await place.open();
			await store.replicate('south', new Map([[TOPIC, { south: { epoch: 3, counts: { heart: [5, 0] } } }]]));
			await store.commit([takeBack(one)]);
			expect(await stepsOf()).toEqual([[SECOND, { heart: 1 }]]);
		});
	});
}
