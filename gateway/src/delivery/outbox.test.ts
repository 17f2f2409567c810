import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { update } from '../../test/arbitraries.ts';
import { MAX_OUTBOX_TOPICS, Outbox } from './outbox.ts';
import { mergeUpdates, type Update } from './update.ts';

const heart = (added: number): Update => ({
	rows: { s: { epoch: 1, counts: { heart: [added, 0] } } },
	complete: false,
	sample: [],
	at: added,
});

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
				expect(outbox.take(0)).toEqual(expected);
				expect(outbox.take(1_000)).toBeUndefined();
			}),
		);
	});

	it('lets the first batch go at once and the next a window later', () => {
		const outbox = new Outbox(20);
		expect(outbox.dueAt).toBeUndefined();
		outbox.put('a', heart(1));
		expect(outbox.dueAt).toBeLessThanOrEqual(100);
		expect(outbox.take(100)).toEqual(new Map([['a', heart(1)]]));
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
		outbox.take(0);
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
});
