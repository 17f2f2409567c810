import { beforeEach, describe, expect, it } from 'vitest';
import { type CounterRows, hashLikes } from '../../state/counters.ts';
import type { Registrations } from '../../state/topics/registration.ts';
import type { Update } from '../../state/update.ts';
import { ANSWER_PERIOD_MS, ROW_LIFETIME_MS, SubscriptionTable } from './subscription-table.ts';

const hearts = (added: number): CounterRows => ({ s: { epoch: 1, counts: { heart: [added, 0] } } });
const read = (added: number): Update => ({ rows: hearts(added), complete: true, sample: [], at: added });
const news = (added: number): Update => ({ ...read(added), complete: false });

/** A message of a frontend; a topic's hash is undefined where it has no state yet. */
function says(
	frontend: string,
	seq: number,
	topics: Record<string, number>,
	more: Partial<Registrations> = {},
): Registrations {
	const registrations = Object.entries(topics).map(([topic, count]) => ({
		topic,
		count,
		hash: undefined,
		revision: 0,
	}));
	const life = { frontend, incarnation: 1, view: 'v' };
	return { ...life, seq, digestSince: undefined, topics: registrations, dropped: [], ...more };
}

const frontendsOf = (topic: string) => [...table.frontends(topic)];

let table: SubscriptionTable;
beforeEach(() => {
	table = new SubscriptionTable();
});

describe('the subscription table', () => {
	it('names the frontends that want news of a topic', () => {
		table.subscribe(says('f1', 1, { a: 2, b: 1 }), 0);
		table.subscribe(says('f2', 1, { a: 3 }), 0);
		expect(frontendsOf('a')).toEqual(['f1', 'f2']);
		expect(frontendsOf('b')).toEqual(['f1']);
		expect(frontendsOf('c')).toEqual([]);
		expect(table.viewers('a')).toBe(5);
		expect(table.viewers('c')).toBe(0);
	});

	it('keeps nothing of a topic that nobody follows', () => {
		table.merge('a', read(3));
		expect(table.topicCount).toBe(0);
		expect(table.subscribe(says('f1', 1, { a: 1 }), 0).reads).toEqual(['a']);
	});

	it('reads the likes of comments that a frontend does not know to the end, and sends those that are read', () => {
		const comment = 'comment:v1/c1/ann';
		const naming = (seq: number, unread: readonly string[]) => {
			const message = says('f1', seq, { 'video:v1': 1 });
			return { ...message, topics: message.topics.map((one) => ({ ...one, unread })) };
		};
		table.subscribe(says('f1', 1, { 'video:v1': 1 }), 0);
		table.merge('video:v1', read(3));
		expect(table.subscribe(naming(2, [comment, 'comment:v2/c1/ann']), 0).reads).toEqual([comment]);
		table.merge(comment, read(0));
		const { updates, reads } = table.subscribe(naming(3, [comment]), 0);
		expect(reads).toEqual([]);
		expect(updates.get(comment)).toMatchObject({ rows: hearts(0), complete: true });
	});

	it('asks for a read of a topic until it is complete', () => {
		expect(table.subscribe(says('f1', 1, { a: 1 }), 0)).toEqual({ updates: new Map(), reads: ['a'], mismatched: [] });
		table.merge('a', news(5));
		expect(table.subscribe(says('f2', 1, { a: 1 }), 0).reads).toEqual(['a']);
		table.merge('a', read(4));
		const { updates, reads } = table.subscribe(says('f3', 1, { a: 1 }), 0);
		expect(reads).toEqual([]);
		expect(updates.get('a')).toMatchObject({ rows: hearts(5), complete: true });
	});

	it('answers a digest with the states that differ, and only those', () => {
		table.subscribe(says('f1', 1, { a: 1, b: 1 }), 0);
		table.merge('a', read(1));
		table.merge('b', read(2));
		const topics = [
			{ topic: 'a', count: 1, hash: hashLikes(hearts(1)), revision: 1 },
			{ topic: 'b', count: 1, hash: hashLikes(hearts(1)), revision: 1 },
		];
		table.expire(0);
		const { updates } = table.subscribe(says('f1', 2, {}, { digestSince: 2, topics }), 0);
		expect([...updates.keys()]).toEqual(['b']);
		expect(updates.get('b')?.rows).toEqual(hearts(2));
	});

	it('answers a frontend that has no state at once, and one whose state differs at most every 5 s', () => {
		table.subscribe(says('f1', 1, { a: 1 }), 0);
		table.merge('a', read(1));
		const topics = [{ topic: 'a', count: 1, hash: hashLikes(hearts(0)), revision: 0 }];
		const answers = (seq: number, now: number) => table.subscribe(says('f1', seq, {}, { topics }), now).updates.size;
		expect([answers(2, 0), answers(3, ANSWER_PERIOD_MS - 1), answers(4, ANSWER_PERIOD_MS)]).toEqual([1, 0, 1]);
		expect(table.subscribe(says('f1', 5, { a: 1 }), ANSWER_PERIOD_MS).updates.size).toBe(1);
	});

	it('names a topic that a frontend has otherwise, unless it lacks likes, which are on their way to it perhaps', () => {
		table.subscribe(says('f1', 1, { a: 1 }), 0);
		table.merge('a', read(2));
		const mismatched = (seq: number, revision: number) => {
			const topics = [{ topic: 'a', count: 1, hash: 12_345, revision }];
			return table.subscribe(says('f1', seq, {}, { topics }), seq * ANSWER_PERIOD_MS).mismatched;
		};
		expect([mismatched(2, 1), mismatched(3, 2)]).toEqual([[], ['a']]);
	});

	it('returns the topics whose viewers changed, each time those since the last time', () => {
		table.subscribe(says('f1', 1, { a: 1, b: 1 }), 0);
		expect([...table.takeRecounted()]).toEqual(['a', 'b']);
		table.subscribe(says('f1', 2, { a: 1, b: 2 }), 0);
		expect([...table.takeRecounted()]).toEqual(['b']);
		table.dropFrontend('f1');
		expect([...table.takeRecounted()].sort()).toEqual(['a', 'b']);
		expect([...table.takeRecounted()]).toEqual([]);
	});

	it('heals a frontend that lacks the row of another region while the video changes all the time', () => {
		const us: CounterRows = { us: { epoch: 1, counts: { heart: [7, 0] } } };
		table.subscribe(says('f1', 1, { a: 1 }), 0);
		table.merge('a', { ...read(1), rows: { ...hearts(1), ...us } });
		const healedAt: number[] = [];
		for (let now = 100; now <= 60_000; now += 100) {
			table.merge('a', news(now));
			if (now % 5_000 === 2_500) table.expire(now);
			if (now % 10_000 !== 0) continue;
			// It has all likes of its own region but for those under way, and none of the other one.
			const topics = [{ topic: 'a', count: 1, hash: hashLikes(hearts(now - 100)), revision: now - 100 }];
			const { updates } = table.subscribe(says('f1', now, {}, { digestSince: now, topics }), now);
			if (updates.get('a')?.rows.us !== undefined) healedAt.push(now);
		}
		expect(healedAt[0]).toBeLessThanOrEqual(20_000);
		// While it is behind, it is answered again and again, though not with each message.
		expect(healedAt.length).toBeGreaterThanOrEqual(3);
	});

	it('answers a frontend whose viewers come and go on a changing video no more often than that', () => {
		table.subscribe(says('f1', 1, { a: 1 }), 0);
		table.merge('a', read(1));
		let answers = 0;
		for (let now = 10; now <= 10_000; now += 10) {
			table.merge('a', news(now));
			const topics = [{ topic: 'a', count: now, hash: hashLikes(hearts(now - 10)), revision: now - 10 }];
			answers += table.subscribe(says('f1', now, {}, { topics }), now).updates.size;
		}
		expect(answers).toBeLessThanOrEqual(3);
	});

	it('sends what changed a moment ago to a frontend that was away, for nothing was on its way there', () => {
		table.subscribe(says('f1', 1, { a: 1 }), 0);
		table.subscribe(says('f2', 1, { a: 1 }), 0);
		table.merge('a', read(1));
		table.dropFrontend('f1');
		table.merge('a', news(2));
		const topics = [{ topic: 'a', count: 1, hash: hashLikes(hearts(1)), revision: 1 }];
		const { updates } = table.subscribe(says('f1', 2, {}, { digestSince: 2, topics }), 0);
		expect(updates.get('a')?.rows).toEqual(hearts(2));
	});

	it('sends likes that got lost, though viewers come and go all the time', () => {
		table.subscribe(says('f1', 1, { a: 1 }), 0);
		table.merge('a', read(1));
		table.expire(1_000);
		const viewers = { viewers: { s: { order: 1, value: 1, from: 's' } } };
		table.merge('a', { ...news(0), rows: {}, values: viewers });
		const topics = [{ topic: 'a', count: 1, hash: hashLikes(hearts(0)), revision: 0 }];
		const { updates } = table.subscribe(says('f1', 2, {}, { digestSince: 2, topics }), 1_000);
		expect(updates.get('a')?.rows).toEqual(hearts(1));
	});

	it('gives a late subscriber the state without the sample of those who were there', () => {
		table.subscribe(says('f1', 1, { a: 1 }), 0);
		table.merge('a', { ...read(1), sample: [{ id: 'x', user: 'u', type: 'heart', at: 1 }] });
		expect(table.subscribe(says('f2', 1, { a: 1 }), 0).updates.get('a')?.sample).toEqual([]);
	});

	it('lets the message with the higher sequence number stand, in whatever order they arrive', () => {
		table.subscribe(says('f1', 2, { a: 7 }), 0);
		table.subscribe(says('f1', 1, { a: 3 }), 0);
		expect(table.viewers('a')).toBe(7);
		table.subscribe(says('f1', 1, {}, { dropped: ['a'] }), 0);
		expect(table.viewers('a')).toBe(7);
		table.subscribe(says('f1', 1, {}, { digestSince: 1 }), 0);
		expect(table.viewers('a')).toBe(7);
		table.subscribe(says('f1', 3, {}, { dropped: ['a'] }), 0);
		expect(table.viewers('a')).toBe(0);
		expect(table.topicCount).toBe(0);
	});

	it('drops what a whole digest does not name, of its frontend alone', () => {
		table.subscribe(says('f1', 1, { a: 1, b: 1 }), 0);
		table.subscribe(says('f2', 1, { b: 4 }), 0);
		table.subscribe(says('f1', 2, { a: 1 }, { digestSince: 2 }), 0);
		expect(frontendsOf('b')).toEqual(['f2']);
		expect(frontendsOf('a')).toEqual(['f1']);
	});

	it('forgets a dropped topic whole: who comes back needs a new read', () => {
		table.subscribe(says('f1', 1, { a: 1 }), 0);
		table.merge('a', read(3));
		table.subscribe(says('f1', 2, {}, { dropped: ['a'] }), 0);
		expect(table.subscribe(says('f1', 3, { a: 1 }), 0)).toEqual({ updates: new Map(), reads: ['a'], mismatched: [] });
	});

	it('keeps a topic that a frontend follows with no viewer, to keep it warm', () => {
		table.subscribe(says('f1', 1, { a: 0 }), 0);
		expect(table.viewers('a')).toBe(0);
		expect(frontendsOf('a')).toEqual(['f1']);
	});

	it('expires rows that nobody renewed, and only those', () => {
		table.subscribe(says('f1', 1, { a: 1 }), 0);
		table.subscribe(says('f2', 1, { a: 1, b: 1 }), 0);
		table.subscribe(says('f1', 2, { a: 1 }), 10_000);
		table.expire(ROW_LIFETIME_MS - 1);
		expect(table.topicCount).toBe(2);
		table.expire(ROW_LIFETIME_MS);
		expect([...table.topics()]).toEqual(['a']);
		expect(frontendsOf('a')).toEqual(['f1']);
		table.expire(10_000 + ROW_LIFETIME_MS);
		expect(table.topicCount).toBe(0);
	});
});
