import { beforeEach, describe, expect, it } from 'vitest';
import { listOf, registrationOf } from '../../../test/registrations.ts';
import { type CounterRows, hashLikes } from '../../state/counters.ts';
import type { Registrations } from '../../state/topics/registration.ts';
import type { Update } from '../../state/update.ts';
import { LEASE_MS } from './leases.ts';
import { ANSWER_PERIOD_MS, SubscriptionTable } from './subscription-table.ts';

const hearts = (added: number): CounterRows => ({ s: { epoch: 1, counts: { heart: [added, 0] } } });
const read = (added: number): Update => ({ rows: hearts(added), complete: true, sample: [], at: added });
const partial = (added: number): Update => ({ ...read(added), complete: false });

/** A message of a frontend that has no state of its topics. */
function registers(
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
	return { ...life, seq, digest: undefined, topics: registrations, dropped: [], ...more };
}

const frontendsOf = (topic: string) => [...table.frontends(topic)];

let table: SubscriptionTable;
beforeEach(() => {
	table = new SubscriptionTable();
});

describe('SubscriptionTable', () => {
	it('returns the frontends that follow a topic', () => {
		table.subscribe(registers('f1', 1, { a: 2, b: 1 }), 0);
		table.subscribe(registers('f2', 1, { a: 3 }), 0);
		expect(frontendsOf('a')).toEqual(['f1', 'f2']);
		expect(frontendsOf('b')).toEqual(['f1']);
		expect(frontendsOf('c')).toEqual([]);
		expect(table.viewers('a')).toBe(5);
		expect(table.viewers('c')).toBe(0);
	});

	it('keeps no state of a topic without a row', () => {
		table.merge('a', read(3));
		expect(table.topicCount).toBe(0);
		expect(table.subscribe(registers('f1', 1, { a: 1 }), 0).reads).toEqual(['a']);
	});

	it('reads the likes of comments that a frontend has not completely, and sends them once they are read', () => {
		const comment = 'comment:v1/c1/ann';
		const naming = (seq: number, unread: readonly string[]) => {
			const message = registers('f1', seq, { 'video:v1': 1 });
			return { ...message, topics: message.topics.map((one) => ({ ...one, unread })) };
		};
		table.subscribe(registers('f1', 1, { 'video:v1': 1 }), 0);
		table.merge('video:v1', read(3));
		expect(table.subscribe(naming(2, [comment, 'comment:v2/c1/ann']), 0).reads).toEqual([comment]);
		table.merge(comment, read(0));
		const { updates, reads } = table.subscribe(naming(3, [comment]), 0);
		expect(reads).toEqual([]);
		expect(updates.get(comment)).toMatchObject({ rows: hearts(0), complete: true });
	});

	it('asks for reads of a topic until its state is complete', () => {
		expect(table.subscribe(registers('f1', 1, { a: 1 }), 0)).toMatchObject({
			updates: new Map(),
			reads: ['a'],
			mismatched: [],
		});
		table.merge('a', partial(5));
		expect(table.subscribe(registers('f2', 1, { a: 1 }), 0).reads).toEqual(['a']);
		table.merge('a', read(4));
		const { updates, reads } = table.subscribe(registers('f3', 1, { a: 1 }), 0);
		expect(reads).toEqual([]);
		expect(updates.get('a')).toMatchObject({ rows: hearts(5), complete: true });
	});

	it('answers a digest with exactly the states that differ', () => {
		table.subscribe(registers('f1', 1, { a: 1, b: 1 }), 0);
		table.merge('a', read(1));
		table.merge('b', read(2));
		const topics = [
			{ topic: 'a', count: 1, hash: hashLikes(hearts(1)), revision: 1 },
			{ topic: 'b', count: 1, hash: hashLikes(hearts(1)), revision: 1 },
		];
		table.expire(0);
		const { updates } = table.subscribe(registers('f1', 2, {}, { digest: listOf(topics, 2), topics }), 0);
		expect([...updates.keys()]).toEqual(['b']);
		expect(updates.get('b')?.rows).toEqual(hearts(2));
	});

	it('answers a frontend without a state at once, and a frontend with a different state at most every 5 s', () => {
		table.subscribe(registers('f1', 1, { a: 1 }), 0);
		table.merge('a', read(1));
		const topics = [{ topic: 'a', count: 1, hash: hashLikes(hearts(0)), revision: 0 }];
		const answers = (seq: number, now: number) =>
			table.subscribe(registers('f1', seq, {}, { topics }), now).updates.size;
		expect([answers(2, 0), answers(3, ANSWER_PERIOD_MS - 1), answers(4, ANSWER_PERIOD_MS)]).toEqual([1, 0, 1]);
		expect(table.subscribe(registers('f1', 5, { a: 1 }), ANSWER_PERIOD_MS).updates.size).toBe(1);
	});

	it('returns a topic with a different hash as mismatched, unless the frontend misses likes that may be on their way', () => {
		table.subscribe(registers('f1', 1, { a: 1 }), 0);
		table.merge('a', read(2));
		const mismatched = (seq: number, revision: number) => {
			const topics = [{ topic: 'a', count: 1, hash: 12_345, revision }];
			return table.subscribe(registers('f1', seq, {}, { topics }), seq * ANSWER_PERIOD_MS).mismatched;
		};
		expect([mismatched(2, 1), mismatched(3, 2)]).toEqual([[], ['a']]);
	});

	it('returns the topics whose viewers changed since the last call', () => {
		table.subscribe(registers('f1', 1, { a: 1, b: 1 }), 0);
		expect([...table.takeRecounted()]).toEqual(['a', 'b']);
		table.subscribe(registers('f1', 2, { a: 1, b: 2 }), 0);
		expect([...table.takeRecounted()]).toEqual(['b']);
		table.dropFrontend('f1');
		expect([...table.takeRecounted()].sort()).toEqual(['a', 'b']);
		expect([...table.takeRecounted()]).toEqual([]);
	});

	it('sends a frontend the missing row of another region while the video changes all the time', () => {
		const us: CounterRows = { us: { epoch: 1, counts: { heart: [7, 0] } } };
		table.subscribe(registers('f1', 1, { a: 1 }), 0);
		table.merge('a', { ...read(1), rows: { ...hearts(1), ...us } });
		const healedAt: number[] = [];
		for (let now = 100; now <= 60_000; now += 100) {
			table.merge('a', partial(now));
			if (now % 5_000 === 2_500) table.expire(now);
			if (now % 10_000 !== 0) continue;
			// The frontend has the likes of its own region, except for the last batch, and none of the other region.
			const topics = [{ topic: 'a', count: 1, hash: hashLikes(hearts(now - 100)), revision: now - 100 }];
			const { updates } = table.subscribe(registers('f1', now, {}, { digest: listOf(topics, now), topics }), now);
			if (updates.get('a')?.rows.us !== undefined) healedAt.push(now);
		}
		expect(healedAt[0]).toBeLessThanOrEqual(20_000);
		// While the frontend is behind, it receives several answers, and fewer than it sends messages.
		expect(healedAt.length).toBeGreaterThanOrEqual(3);
	});

	it('answers a frontend whose viewers join and leave a changing video at most every 5 s', () => {
		table.subscribe(registers('f1', 1, { a: 1 }), 0);
		table.merge('a', read(1));
		let answers = 0;
		for (let now = 10; now <= 10_000; now += 10) {
			table.merge('a', partial(now));
			const topics = [{ topic: 'a', count: now, hash: hashLikes(hearts(now - 10)), revision: now - 10 }];
			answers += table.subscribe(registers('f1', now, {}, { topics }), now).updates.size;
		}
		expect(answers).toBeLessThanOrEqual(3);
	});

	it('sends the newest state to a frontend that was away', () => {
		table.subscribe(registers('f1', 1, { a: 1 }), 0);
		table.subscribe(registers('f2', 1, { a: 1 }), 0);
		table.merge('a', read(1));
		table.dropFrontend('f1');
		table.merge('a', partial(2));
		const topics = [{ topic: 'a', count: 1, hash: hashLikes(hearts(1)), revision: 1 }];
		const { updates } = table.subscribe(registers('f1', 2, {}, { digest: listOf(topics, 2), topics }), 0);
		expect(updates.get('a')?.rows).toEqual(hearts(2));
	});

	it('sends lost likes while the number of viewers changes all the time', () => {
		table.subscribe(registers('f1', 1, { a: 1 }), 0);
		table.merge('a', read(1));
		table.expire(1_000);
		const viewers = { viewers: { s: { order: 1, value: 1, from: 's' } } };
		table.merge('a', { ...partial(0), rows: {}, values: viewers });
		const topics = [{ topic: 'a', count: 1, hash: hashLikes(hearts(0)), revision: 0 }];
		const { updates } = table.subscribe(registers('f1', 2, {}, { digest: listOf(topics, 2), topics }), 1_000);
		expect(updates.get('a')?.rows).toEqual(hearts(1));
	});

	it('sends a late subscriber the state without the sample', () => {
		table.subscribe(registers('f1', 1, { a: 1 }), 0);
		table.merge('a', { ...read(1), sample: [{ id: 'x', user: 'u', type: 'heart', at: 1 }] });
		expect(table.subscribe(registers('f2', 1, { a: 1 }), 0).updates.get('a')?.sample).toEqual([]);
	});

	it('keeps the message with the higher sequence number, whatever the order of arrival', () => {
		table.subscribe(registers('f1', 2, { a: 7 }), 0);
		table.subscribe(registers('f1', 1, { a: 3 }), 0);
		expect(table.viewers('a')).toBe(7);
		table.subscribe(registers('f1', 1, {}, { dropped: ['a'] }), 0);
		expect(table.viewers('a')).toBe(7);
		table.subscribe(registers('f1', 1, {}, { digest: listOf([], 1) }), 0);
		expect(table.viewers('a')).toBe(7);
		table.subscribe(registers('f1', 3, {}, { dropped: ['a'] }), 0);
		expect(table.viewers('a')).toBe(0);
		expect(table.topicCount).toBe(0);
	});

	it('drops the rows of a frontend that its complete digest does not name', () => {
		table.subscribe(registers('f1', 1, { a: 1, b: 1 }), 0);
		table.subscribe(registers('f2', 1, { b: 4 }), 0);
		table.subscribe(registers('f1', 2, { a: 1 }, { digest: listOf([registrationOf('a')], 2) }), 0);
		expect(frontendsOf('b')).toEqual(['f2']);
		expect(frontendsOf('a')).toEqual(['f1']);
	});

	it('drops the state with the last row, so that a new row needs a read', () => {
		table.subscribe(registers('f1', 1, { a: 1 }), 0);
		table.merge('a', read(3));
		table.subscribe(registers('f1', 2, {}, { dropped: ['a'] }), 0);
		expect(table.subscribe(registers('f1', 3, { a: 1 }), 0)).toMatchObject({
			updates: new Map(),
			reads: ['a'],
			mismatched: [],
		});
	});

	it('keeps a topic that a frontend follows without viewers', () => {
		table.subscribe(registers('f1', 1, { a: 0 }), 0);
		expect(table.viewers('a')).toBe(0);
		expect(frontendsOf('a')).toEqual(['f1']);
	});

	it('drops all rows of a frontend together when none of its messages renews the lease', () => {
		table.subscribe(registers('f1', 1, { a: 1 }), 0);
		table.subscribe(registers('f2', 1, { a: 1, b: 1 }), 0);
		table.subscribe(registers('f1', 2, { c: 1 }), 10_000);
		table.expire(LEASE_MS - 1);
		expect(table.topicCount).toBe(3);
		table.expire(LEASE_MS);
		expect([...table.topics()]).toEqual(['a', 'c']);
		expect(frontendsOf('a')).toEqual(['f1']);
		table.expire(10_000 + LEASE_MS);
		expect([table.topicCount, table.rowCount]).toEqual([0, 0]);
	});

	it('renews no lease for a late message', () => {
		table.subscribe(registers('f1', 2, { a: 1 }), 0);
		table.subscribe(registers('f1', 1, { a: 1 }), 10_000);
		table.expire(LEASE_MS);
		expect(table.topicCount).toBe(0);
	});
});
