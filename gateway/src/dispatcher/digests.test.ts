import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, registrationOf } from '../../test/registrations.ts';
import type { Registrations } from '../state/topics/registration.ts';
import { SubscriptionTable } from './fan-out/subscription-table.ts';

const rowsOf = (table: SubscriptionTable, frontend: string) =>
	[...table.topics()].filter((topic) => [...table.frontends(topic)].includes(frontend)).sort();

/** A message that is not the end of a digest. */
const messageOf = (
	seq: number,
	topics: readonly string[],
	dropped: readonly string[] = [],
	incarnation = 1,
): Registrations => digestOf('f1', 'v', seq, topics, { digestSince: undefined, dropped, incarnation });

describe('SubscriptionTable with a digest in several messages', () => {
	it('drops no row before the last message, and then the rows that no message names', () => {
		const table = new SubscriptionTable();
		table.subscribe(messageOf(1, ['a', 'b', 'c', 'd']), 0);
		table.subscribe(messageOf(2, ['a']), 0);
		table.subscribe(messageOf(3, ['b']), 0);
		expect(rowsOf(table, 'f1')).toEqual(['a', 'b', 'c', 'd']);
		table.subscribe(digestOf('f1', 'v', 4, ['c'], { digestSince: 2 }), 0);
		expect(rowsOf(table, 'f1')).toEqual(['a', 'b', 'c']);
		expect(table.rowCount).toBe(3);
	});

	it('keeps rows that were registered between the messages', () => {
		const table = new SubscriptionTable();
		table.subscribe(messageOf(2, ['a']), 0);
		table.subscribe(messageOf(3, ['new']), 0);
		table.subscribe(digestOf('f1', 'v', 4, ['b'], { digestSince: 2 }), 0);
		expect(rowsOf(table, 'f1')).toEqual(['a', 'b', 'new']);
	});

	it('drops all rows of the earlier incarnation, whatever their sequence numbers', () => {
		const table = new SubscriptionTable();
		table.subscribe(messageOf(900, ['a', 'b']), 0);
		table.subscribe(digestOf('f1', 'v', 1, ['b', 'c'], { incarnation: 2 }), 0);
		expect(rowsOf(table, 'f1')).toEqual(['b', 'c']);
		table.subscribe(messageOf(901, ['a'], ['c']), 0);
		table.subscribe(digestOf('f1', 'v', 902, []), 0);
		// A late message of the earlier incarnation may add a row; the next digest drops it.
		expect(rowsOf(table, 'f1')).toEqual(['b', 'c']);
	});
});

describe('SubscriptionTable after random messages, late and repeated', () => {
	const topic = fc.constantFrom('a', 'b', 'c', 'd', 'e');
	const message = fc.record({
		seq: fc.integer({ min: 1, max: 20 }),
		incarnation: fc.integer({ min: 1, max: 2 }),
		topics: fc.uniqueArray(fc.tuple(topic, fc.nat(9)), { selector: ([name]) => name, maxLength: 4 }),
		dropped: fc.array(topic, { maxLength: 2 }),
		isDigest: fc.boolean(),
	});

	it('has the rows and the counts of the last digest', () => {
		fc.assert(
			fc.property(fc.array(message, { maxLength: 20 }), fc.uniqueArray(topic), (before, topics) => {
				const table = new SubscriptionTable();
				table.subscribe(digestOf('f2', 'v', 1, ['a', 'x']), 0);
				for (const { seq, incarnation, topics: some, dropped, isDigest } of before) {
					const registrations = some.map(([name, count]) => registrationOf(name, { count }));
					const life = { frontend: 'f1', incarnation, view: 'v', seq };
					table.subscribe({ ...life, topics: registrations, dropped, digestSince: isDigest ? seq : undefined }, 0);
				}
				table.subscribe(digestOf('f1', 'v', 21, topics, { incarnation: 2 }), 0);
				expect(rowsOf(table, 'f1')).toEqual([...topics].sort());
				expect(table.rowCount).toBe(topics.length + 2);
				for (const name of ['a', 'b', 'c', 'd', 'e', 'x'] as const) {
					const others = name === 'a' || name === 'x' ? 1 : 0;
					expect(table.viewers(name)).toBe(others + ((topics as string[]).includes(name) ? 1 : 0));
				}
			}),
		);
	});

	it('counts exactly its rows', () => {
		fc.assert(
			fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
				const table = new SubscriptionTable();
				for (const [now, { seq, incarnation, topics, dropped, isDigest }] of messages.entries()) {
					const registrations = topics.map(([name, count]) => registrationOf(name, { count }));
					const life = { frontend: `f${seq % 2}`, incarnation, view: 'v', seq };
					table.subscribe({ ...life, topics: registrations, dropped, digestSince: isDigest ? seq : undefined }, now);
					if (seq === 20) table.dropFrontend('f0', 2);
					if (seq === 19) table.expire(now + 29_995);
				}
				const names = [...table.topics()];
				expect(table.topicCount).toBe(names.length);
				expect(table.rowCount).toBe(names.flatMap((name) => [...table.frontends(name)]).length);
				for (const name of names) expect([...table.frontends(name)]).not.toEqual([]);
				table.dropFrontend('f0');
				table.dropFrontend('f1');
				expect([table.rowCount, table.topicCount]).toEqual([0, 0]);
			}),
		);
	});
});
