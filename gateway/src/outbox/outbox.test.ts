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

describe('an outbox', () => {
	it('gives what was put into it as one merged update per topic', () => {
		const puts = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), update), { minLength: 1, maxLength: 20 });
		fc.assert(
			fc.property(puts, (all) => {
				const outbox = new Outbox(50);
				const expected = new Map<string, Update>();
				for (const [topic, news] of all) {
					outbox.put(topic, news);
					const known = expected.get(topic);
					expected.set(topic, known === undefined ? news : mergeUpdates(known, news));
				}
				const batch = outbox.take(0);
				expect(batch).toEqual(expected);
				outbox.arrived(batch as Updates);
				expect(outbox.isEmpty).toBe(true);
				expect(outbox.take(1_000)).toBeUndefined();
			}),
		);
	});

	it('lets the first batch go at once and the next a window later', () => {
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

	it('drops and counts news of topics beyond its bound, and goes on merging those it has', () => {
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

	it('has room again once its batch left', () => {
		const outbox = new Outbox(0, 1);
		outbox.put('a', heart(1));
		takeAndArrive(outbox, 0);
		outbox.put('b', heart(1));
		expect(outbox.dropped).toBe(0);
		expect(outbox.take(0)?.has('b')).toBe(true);
	});

	it('is bounded without being told to', () => {
		const outbox = new Outbox(0);
		for (let topic = 0; topic < MAX_OUTBOX_TOPICS + 5; topic++) outbox.put(`t${topic}`, heart(1));
		expect(outbox.dropped).toBe(5);
		expect(outbox.take(0)?.size).toBe(MAX_OUTBOX_TOPICS);
	});

	it('has one batch under way at a time', () => {
		const outbox = new Outbox(0);
		outbox.put('a', heart(1));
		const batch = outbox.take(0) as Updates;
		outbox.put('a', heart(2));
		expect([outbox.dueAt, outbox.take(1_000), outbox.isEmpty]).toEqual([undefined, undefined, false]);
		outbox.arrived(batch);
		expect(takeAndArrive(outbox, 1_000)).toEqual(new Map([['a', heart(2)]]));
	});

	it('merges a batch that failed with what came since, and lets it go after a pause', () => {
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

	it('does not mind a late word about a batch that is not under way any more', () => {
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

	it('gives all that did not arrive when it is cleared', () => {
		const outbox = new Outbox(0);
		outbox.put('a', heart(1));
		outbox.take(0);
		outbox.put('b', heart(2));
		expect(outbox.clear().size).toBe(2);
		expect(outbox.isEmpty).toBe(true);
	});

	it('forgets nothing that was put after what waits was looked at', () => {
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

	it('forgets nothing that was put after what waits was merged with the rest of a batch', () => {
		const outbox = new Outbox(0);
		outbox.put('a', heart(1));
		outbox.put('b', heart(1));
		const half: Cut = (waiting) => [new Map([...waiting].slice(0, 1)), new Map([...waiting].slice(1))];
		outbox.arrived(outbox.take(0, half) as Updates);
		outbox.put('c', heart(1));
		// Merges both, and remembers that by what it merged.
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

	it('does not change what it gave to be looked at', () => {
		const outbox = new Outbox(0);
		outbox.put('a', heart(1));
		const before = outbox.waiting();
		outbox.put('a', heart(2));
		expect(before).toEqual(new Map([['a', heart(1)]]));
	});

	it('takes what fits, and keeps the rest for the next batch', () => {
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

	it('waits as one batch with others that began at the same time, however each was cut', () => {
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

	it('sends a batch as it was given, and never changes it, since other outboxes have it too', () => {
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

	it('shares with other outboxes what it makes of the same batches', () => {
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

	it('is bounded for batches, too', () => {
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
