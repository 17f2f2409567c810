import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, listOf, registrationOf } from '../../test/registrations.ts';
import type { Registrations } from '../state/topics/registration.ts';
import { LEASE_MS } from './fan-out/leases.ts';
import { SubscriptionTable } from './fan-out/subscription-table.ts';

const rowsOf = (table: SubscriptionTable, frontend: string) =>
	[...table.topics()].filter((topic) => [...table.frontends(topic)].includes(frontend)).sort();

/** A message that is not the end of a digest. */
const messageOf = (
	seq: number,
	topics: readonly string[],
	dropped: readonly string[] = [],
	incarnation = 1,
): Registrations => digestOf('f1', 'v', seq, topics, { digest: undefined, dropped, incarnation });

/** The digest of a frontend that follows exactly these topics. */
const listing = (since: number, names: readonly string[]) =>
	listOf(
		names.map((name) => registrationOf(name)),
		since,
	);

describe('SubscriptionTable with a digest in several messages', () => {
	it('drops no row before the last message, and then the rows that no message names', () => {
		const table = new SubscriptionTable();
		table.subscribe(messageOf(1, ['a', 'b', 'c', 'd']), 0);
		table.subscribe(messageOf(2, ['a']), 0);
		table.subscribe(messageOf(3, ['b']), 0);
		expect(rowsOf(table, 'f1')).toEqual(['a', 'b', 'c', 'd']);
		table.subscribe(digestOf('f1', 'v', 4, ['c'], { digest: listing(2, ['a', 'b', 'c']) }), 0);
		expect(rowsOf(table, 'f1')).toEqual(['a', 'b', 'c']);
		expect(table.rowCount).toBe(3);
	});

	it('drops no row of a bucket that the messages do not list', () => {
		const table = new SubscriptionTable();
		const digest = listing(2, ['a']);
		table.subscribe(messageOf(1, ['a', 'b', 'c', 'd']), 0);
		const none = { ...digest, listed: { buckets: [], since: 2 } };
		expect(table.subscribe(digestOf('f1', 'v', 2, ['a'], { digest: none }), 0).hasAllRows).toBe(false);
		expect(rowsOf(table, 'f1')).toEqual(['a', 'b', 'c', 'd']);
		expect(table.subscribe(digestOf('f1', 'v', 3, ['a'], { digest }), 0).hasAllRows).toBe(true);
		expect(rowsOf(table, 'f1')).toEqual(['a']);
	});

	it('keeps rows that were registered between the messages', () => {
		const table = new SubscriptionTable();
		table.subscribe(messageOf(2, ['a']), 0);
		table.subscribe(messageOf(3, ['new']), 0);
		table.subscribe(digestOf('f1', 'v', 4, ['b'], { digest: listing(2, ['a', 'b', 'new']) }), 0);
		expect(rowsOf(table, 'f1')).toEqual(['a', 'b', 'new']);
	});

	it('drops all rows of the earlier incarnation, whatever their sequence numbers', () => {
		const table = new SubscriptionTable();
		table.subscribe(messageOf(900, ['a', 'b']), 0);
		table.subscribe(digestOf('f1', 'v', 1, ['b', 'c'], { incarnation: 2 }), 0);
		expect(rowsOf(table, 'f1')).toEqual(['b', 'c']);
		table.subscribe(messageOf(901, ['a'], ['c']), 0);
		table.subscribe(digestOf('f1', 'v', 902, []), 0);
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
					table.subscribe(
						{ ...life, topics: registrations, dropped, digest: isDigest ? listOf(registrations, seq) : undefined },
						0,
					);
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
					table.subscribe(
						{ ...life, topics: registrations, dropped, digest: isDigest ? listOf(registrations, seq) : undefined },
						now,
					);
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

describe('SubscriptionTable in a digest', () => {
	const [frontends, topics] = [
		['f1', 'f2'],
		['video:a', 'video:b', 'user:c'],
	];
	const comment = 'comment:a/c1/ann';
	const rows = (added: number) => ({ s: { epoch: 1, counts: { heart: [added, 0] as const } } });
	const anyTopic = fc.constantFrom(...topics);
	const anyFrontend = fc.constantFrom(...frontends);
	const step = fc.oneof(
		fc.record({ kind: fc.constant('registers' as const), frontend: anyFrontend, topic: anyTopic, count: fc.nat(3) }),
		fc.record({ kind: fc.constant('drops' as const), frontend: anyFrontend, topic: anyTopic }),
		fc.record({
			kind: fc.constant('merges' as const),
			topic: fc.constantFrom(...topics, comment),
			added: fc.nat(5),
			complete: fc.boolean(),
		}),
		fc.record({ kind: fc.constant('forgets' as const), topic: anyTopic }),
		fc.record({ kind: fc.constant('is gone' as const), frontend: anyFrontend }),
		fc.record({ kind: fc.constant('passes' as const), ms: fc.constantFrom(1_000, 29_000) }),
	);

	/** Returns the sums that the table has of a frontend. */
	function bucketsOf(table: SubscriptionTable, frontend: string, seq: number, now: number): string | undefined {
		const differs = { rows: '', states: '' };
		return table.subscribe(digestOf(frontend, 'v', seq, [], { digest: differs }), now).buckets;
	}

	it('has the sums of its rows and states, whatever happened before', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 60, size: 'max' }), (steps) => {
				const table = new SubscriptionTable();
				const model = new Map(frontends.map((name) => [name, { counts: new Map<string, number>(), endsAt: 0 }]));
				let [now, seq] = [0, 0];
				const of = (frontend: string) => model.get(frontend) as { counts: Map<string, number>; endsAt: number };
				const send = (frontend: string, more: Partial<Registrations>) => {
					of(frontend).endsAt = now + LEASE_MS;
					table.subscribe(digestOf(frontend, 'v', ++seq, [], { digest: undefined, ...more }), now);
				};
				/** Compares with a table that got each row and each state once. */
				const check = (frontend: string) => {
					const fresh = new SubscriptionTable();
					const registrations = [...of(frontend).counts].map(([topic, count]) => registrationOf(topic, { count }));
					fresh.subscribe(digestOf(frontend, 'v', 1, [], { topics: registrations, digest: undefined }), 0);
					for (const topic of [...topics, comment]) {
						const state = table.state(topic);
						if (state !== undefined) fresh.merge(topic, state);
					}
					of(frontend).endsAt = now + LEASE_MS;
					expect(bucketsOf(table, frontend, ++seq, now)).toEqual(bucketsOf(fresh, frontend, 1, 0));
				};
				for (const [one, isChecked] of steps) {
					if (one.kind === 'registers') {
						of(one.frontend).counts.set(one.topic, one.count);
						send(one.frontend, { topics: [registrationOf(one.topic, { count: one.count })] });
					} else if (one.kind === 'drops') {
						of(one.frontend).counts.delete(one.topic);
						send(one.frontend, { dropped: [one.topic] });
					} else if (one.kind === 'merges') {
						table.merge(one.topic, { rows: rows(one.added), complete: one.complete, sample: [], at: 0 });
					} else if (one.kind === 'forgets') table.forget((topic) => topic === one.topic);
					else if (one.kind === 'is gone') {
						of(one.frontend).counts.clear();
						table.dropFrontend(one.frontend);
					} else {
						now += one.ms;
						for (const { counts, endsAt } of model.values()) if (endsAt <= now) counts.clear();
						table.expire(now);
					}
					if (isChecked) for (const frontend of frontends) check(frontend);
				}
			}),
		);
	});
});
