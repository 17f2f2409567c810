import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { update } from '../../test/arbitraries.ts';
import { mergeUpdates, type Update } from '../state/update.ts';
import { splitUpdate } from './split.ts';

function partsOf(whole: Update, bytes: number): Update[] {
	const parts: Update[] = [];
	for (let left: Update | undefined = whole; left !== undefined; ) {
		const [part, remainder] = splitUpdate(left, bytes) as [Update, Update | undefined];
		parts.push(part);
		left = remainder;
	}
	return parts;
}

/** A kind without registers, or a log without regions, has no content, and no part has it. */
const hasNoEmptyKind = ({ log, values = {} }: Update) =>
	(log === undefined || Object.keys(log).length > 0) &&
	Object.values(values).every((registers) => Object.keys(registers).length > 0);

describe('splitUpdate', () => {
	it('returns parts that merge to the whole in any order, also repeated', () => {
		const order = fc.infiniteStream(fc.nat());
		fc.assert(
			fc.property(update.filter(hasNoEmptyKind), fc.integer({ min: 1, max: 2_000 }), order, (whole, bytes, numbers) => {
				const parts = partsOf(whole, bytes);
				const shuffled = [...parts, ...parts]
					.map((part) => [numbers.next().value as number, part] as const)
					.sort(([a], [b]) => a - b)
					.map(([, part]) => part);
				const [first, ...others] = shuffled as [Update, ...Update[]];
				expect(others.reduce(mergeUpdates, first)).toEqual(whole);
			}),
		);
	});

	it('returns the whole when it fits', () => {
		fc.assert(
			fc.property(update, (whole) => {
				expect(splitUpdate(whole, 1_000_000)).toEqual([whole, undefined]);
			}),
		);
	});

	it('returns no empty part', () => {
		const counts = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`r${index}`, [index, 0] as const]));
		const whole: Update = { rows: { eu: { epoch: 1, counts } }, complete: false, sample: [], at: 7 };
		for (let bytes = 1; bytes < 3_000; bytes++) {
			for (const part of partsOf(whole, bytes)) expect(Object.keys(part.rows), `${bytes} bytes`).toEqual(['eu']);
		}
	});

	it('returns events before the rows that count them, and complete only with the last row', () => {
		const event = {
			offset: 1,
			id: 'c1',
			kind: 'comment',
			user: 'ann',
			at: 1,
			order: 1,
			data: { text: 'x'.repeat(600) },
		} as const;
		const counts = { heart: [3, 1] } as const;
		const whole: Update = {
			rows: { eu: { epoch: 1, counts, logHead: 2 } },
			complete: true,
			sample: [{ id: 'l', user: 'u', type: 'heart', at: 1 }],
			at: 7,
			log: { eu: { epoch: 1, events: [event, { ...event, offset: 2, id: 'c2' }] } },
		};
		const parts = partsOf(whole, 1_200);
		expect(parts.length).toBeGreaterThan(1);
		for (const part of parts.slice(0, -1)) expect([part.complete, part.rows, part.sample]).toEqual([false, {}, []]);
		expect(parts.at(-1)).toMatchObject({ complete: true, rows: whole.rows, sample: whole.sample, at: 7 });
	});
});
