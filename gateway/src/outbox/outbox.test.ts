import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { update } from '../../test/arbitraries.ts';
import { mergeUpdates, type Update, type Updates } from '../state/update.ts';
import { type Cut, NO_UPDATES } from './batch.ts';
import { MAX_OUTBOX_TOPICS, Outbox, RETRY_MS } from './outbox.ts';

const heart = (added: number): Update => ({
	rows: { s: { epoch: 1, counts: { heart: [added, 0] } } },
	complete: false,
	sample: [],
	at: added,
});

function takeAndArrive(outbox: Outbox, now: number): Updates | undefined {
	const batch = outbox.take(now);
	if (batch !== undefined) outbox.arrived(batch);
	return batch;
}

describe('Outbox', () => {
	it('returns one merged update for each topic', () => {
		const puts = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), update), { minLength: 1, maxLength: 20 });
		fc.assert(
			fc.property(puts, (all) => {
				const outbox = new Outbox(50);
				const expected = new Map<string, Update>();
				for (const [topic, next] of all) {
					outbox.put(topic, next);
					const known = expected.get(topic);
					expected.set(topic, known === undefined ? next : mergeUpdates(known, next));
				}
				const batch = outbox.take(0);
				expect(batch).toEqual(expected);
				outbox.arrived(batch as Updates);
				expect(outbox.isEmpty).toBe(true);
				expect(outbox.take(1_000)).toBeUndefined();
			}),
		);
	});

	it('returns the first batch at once, and the next one after a window', () => {
		const outbox = new Outbox(20);
		expect(outbox.dueAt).toBeUndefined();
		outbox.put('a', heart(1));
		expect(outbox.dueAt).toBeLessThanOrEqual(100);
		expect(takeAndArrive(outbox, 100)).toEqual(new Map([['a', heart(1)]]));
		expect(outbox.dueAt).toBeUndefined();
		outbox.put('a', heart(2));
		outbox.put('a', heart(3));
		expect(outbox.dueAt).toBe(120);
		expect(outbox.take(119)).toBeUndefined();
		expect(outbox.take(120)).toEqual(new Map([['a', heart(3)]]));
	});

	it('drops and counts updates of topics beyond its limit, and merges those of known topics', () => {
		const outbox = new Outbox(0, 2);
		outbox.put('a', heart(1));
		outbox.put('b', heart(1));
		outbox.put('c', heart(1));
		outbox.put('d', heart(1));
		outbox.put('a', heart(7));
		expect(outbox.dropped).toBe(2);
		expect(outbox.take(0)).toEqual(
			new Map([
				['a', heart(7)],
				['b', heart(1)],
			]),
		);
	});

	it('has room again after a batch left', () => {
		const outbox = new Outbox(0, 1);
		outbox.put('a', heart(1));
		takeAndArrive(outbox, 0);
		outbox.put('b', heart(1));
		expect(outbox.dropped).toBe(0);
		expect(outbox.take(0)?.has('b')).toBe(true);
	});

	it('has a limit by default', () => {
		const outbox = new Outbox(0);
		for (let topic = 0; topic < MAX_OUTBOX_TOPICS + 5; topic++) outbox.put(`t${topic}`, heart(1));
		expect(outbox.dropped).toBe(5);
		expect(outbox.take(0)?.size).toBe(MAX_OUTBOX_TOPICS);
	});

	it('has one batch in flight at a time', () => {
		const outbox = new Outbox(0);
		outbox.put('a', heart(1));
		const batch = outbox.take(0) as Updates;
		outbox.put('a', heart(2));
		expect([outbox.dueAt, outbox.take(1_000), outbox.isEmpty]).toEqual([undefined, undefined, false]);
		outbox.arrived(batch);
		expect(takeAndArrive(outbox, 1_000)).toEqual(new Map([['a', heart(2)]]));
	});

	it('merges a failed batch with later updates, and returns it after a pause', () => {
		const outbox = new Outbox(0);
		outbox.put('a', heart(1));
		outbox.put('b', heart(5));
		const batch = outbox.take(0) as Updates;
		outbox.put('a', heart(2));
		outbox.failed(batch, 10);
		expect(outbox.dueAt).toBe(10 + RETRY_MS);
		expect(outbox.take(10 + RETRY_MS)).toEqual(
			new Map([
				['a', heart(2)],
				['b', heart(5)],
			]),
		);
	});

	it('ignores a late result of a batch that is not in flight', () => {
		const outbox = new Outbox(0);
		outbox.put('a', heart(1));
		const late = outbox.take(0) as Updates;
		outbox.failed(late, 0);
		const batch = outbox.take(RETRY_MS) as Updates;
		outbox.arrived(late);
		outbox.failed(late, RETRY_MS);
		expect([outbox.isEmpty, outbox.dueAt]).toEqual([false, undefined]);
		outbox.arrived(batch);
		expect(outbox.isEmpty).toBe(true);
	});

	it('returns all updates that did not arrive when it is cleared', () => {
		const outbox = new Outbox(0);
		outbox.put('a', heart(1));
		outbox.take(0);
		outbox.put('b', heart(2));
		expect(outbox.clear().size).toBe(2);
		expect(outbox.isEmpty).toBe(true);
	});

	it('keeps updates that were put after a call of `waiting`', () => {
		const outbox = new Outbox(0);
		outbox.put('a', heart(1));
		expect(outbox.waiting().size).toBe(1);
		outbox.put('a', heart(2));
		outbox.put('b', heart(1));
		const all = new Map([
			['a', heart(2)],
			['b', heart(1)],
		]);
		expect(outbox.waiting()).toEqual(all);
		expect(outbox.clear()).toEqual(all);
	});

	it('keeps updates that were put after a merge with the rest of a batch', () => {
		const outbox = new Outbox(0);
		outbox.put('a', heart(1));
		outbox.put('b', heart(1));
		const half: Cut = (waiting) => [new Map([...waiting].slice(0, 1)), new Map([...waiting].slice(1))];
		outbox.arrived(outbox.take(0, half) as Updates);
		outbox.put('c', heart(1));
		// Merges both batches, and caches the result by them.
		expect([...outbox.waiting().keys()]).toEqual(['b', 'c']);
		outbox.put('c', heart(2));
		outbox.put('d', heart(1));
		const all = new Map([
			['b', heart(1)],
			['c', heart(2)],
			['d', heart(1)],
		]);
		expect(outbox.waiting()).toEqual(all);
		expect(outbox.clear()).toEqual(all);
	});

	it('does not change the result of `waiting`', () => {
		const outbox = new Outbox(0);
		outbox.put('a', heart(1));
		const before = outbox.waiting();
		outbox.put('a', heart(2));
		expect(before).toEqual(new Map([['a', heart(1)]]));
	});

	it('returns the updates that fit, and keeps the rest for the next batch', () => {
		const outbox = new Outbox(0);
		for (const topic of ['a', 'b', 'c']) outbox.put(topic, heart(1));
		const first = outbox.take(0, (waiting) => [
			new Map([...waiting].slice(0, 2)),
			new Map([...waiting].slice(2)),
		]) as Updates;
		expect([...first.keys()]).toEqual(['a', 'b']);
		outbox.arrived(first);
		outbox.put('c', heart(2));
		const rest = outbox.take(0) as Updates;
		expect(rest).toEqual(new Map([['c', heart(1)]]));
		outbox.arrived(rest);
		expect(outbox.take(0)).toEqual(new Map([['c', heart(2)]]));
	});

	it('shares one waiting batch with other outboxes, whatever the cuts', () => {
		const half: Cut = (waiting) => [new Map([...waiting].slice(0, 1)), new Map([...waiting].slice(1))];
		const rounds = [1, 2, 3].map(
			(count): Updates =>
				new Map([
					['a', heart(count)],
					['b', heart(count)],
				]),
		);
		const boxes = [new Outbox(0), new Outbox(0)];
		const [first = NO_UPDATES, ...later] = rounds;
		for (const box of boxes) box.putAll(first);
		const begun = boxes.map((box) => box.take(0, half) as Updates);
		for (const round of later) for (const box of boxes) box.putAll(round);
		const next = boxes.map((box, index) => {
			box.arrived(begun[index] as Updates);
			box.arrived(box.take(0) as Updates);
			return box.take(0);
		});
		expect(next[0]).toEqual(
			new Map([
				['a', heart(3)],
				['b', heart(3)],
			]),
		);
		expect(next[1]).toBe(next[0]);
	});

	it('returns a shared batch itself, and never changes it', () => {
		const batch: Updates = new Map([['a', heart(1)]]);
		const [one, other] = [new Outbox(0), new Outbox(0)];
		one.putAll(batch);
		other.putAll(batch);
		other.put('a', heart(2));
		other.put('b', heart(1));
		expect(one.take(0)).toBe(batch);
		expect(other.take(0)).toEqual(
			new Map([
				['a', heart(2)],
				['b', heart(1)],
			]),
		);
		expect(batch).toEqual(new Map([['a', heart(1)]]));
	});

	it('shares merges of the same batches with other outboxes', () => {
		const batches: Updates[] = [new Map([['a', heart(1)]]), new Map([['a', heart(2)]]), new Map([['b', heart(1)]])];
		const taken = [new Outbox(0), new Outbox(0)].map((outbox) => {
			for (const batch of batches) outbox.putAll(batch);
			return outbox.take(0);
		});
		expect(taken[0]).toEqual(
			new Map([
				['a', heart(2)],
				['b', heart(1)],
			]),
		);
		expect(taken[1]).toBe(taken[0]);
	});

	it('has a limit for batches, too', () => {
		const outbox = new Outbox(0, 2);
		outbox.putAll(new Map([['a', heart(1)]]));
		outbox.putAll(new Map(['a', 'b', 'c'].map((topic) => [topic, heart(2)])));
		expect(outbox.dropped).toBe(1);
		expect([...(outbox.take(0) ?? [])]).toEqual([
			['a', heart(2)],
			['b', heart(2)],
		]);
	});
});
