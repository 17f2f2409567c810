import { addTotals, sumTotals, type Totals } from '@likewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimelineStep } from '../state/timeline.ts';
import { findHighlights, HIGHLIGHT_STEP } from './highlights.ts';

const START = 1_700_000_000;

/** Returns a timeline of hearts in steps from {@link START} on. */
const hearts = (...counts: readonly number[]): TimelineStep[] =>
	counts.flatMap((heart, index): TimelineStep[] => (heart === 0 ? [] : [[START + index * HIGHLIGHT_STEP, { heart }]]));

/** Returns the offsets of highlights from the start, in seconds. */
const offsets = (steps: readonly TimelineStep[], most = 20) =>
	findHighlights(steps, most).map(({ from }) => from / 1_000 - START);

describe('findHighlights', () => {
	it('has each peak over the mean once, best first', () => {
		const steps = hearts(1, 1, 5, 6, 1, 1, 1, 1, 9, 8, 1, 1, 1, 1, 1, 1);
		expect(findHighlights(steps, 20)).toEqual([
			{ from: (START + 40) * 1_000, to: (START + 50) * 1_000, counts: { heart: 17 } },
			{ from: (START + 10) * 1_000, to: (START + 20) * 1_000, counts: { heart: 11 } },
		]);
		expect(offsets(steps, 1)).toEqual([40]);
	});

	it('is empty for a timeline without peaks', () => {
		expect(findHighlights([], 5)).toEqual([]);
		expect(findHighlights(hearts(...Array(50).fill(3)), 5)).toEqual([]);
	});

	it('has the only reactions of a video', () => {
		expect(findHighlights(hearts(4), 5)).toMatchObject([{ counts: { heart: 4 } }]);
		expect(findHighlights(hearts(4, 4), 5)).toMatchObject([{ counts: { heart: 8 } }]);
	});

	it('prefers the earlier of equal peaks', () => {
		expect(offsets(hearts(1, 1, 0, 0, 7, 0, 0, 0, 7, 0, 0, 0, 1, 1))).toEqual([15, 35]);
	});

	it('adds up the reactions of a window by type', () => {
		const steps: TimelineStep[] = [
			[START, { heart: 2, clap: 1 }],
			[START + 5, { clap: 3 }],
			[START + 100, { heart: 1 }],
		];
		expect(findHighlights(steps, 1)).toMatchObject([{ from: START * 1_000, counts: { heart: 2, clap: 4 } }]);
	});

	it('has windows of the timeline that never overlap, in falling order, none more than asked for', () => {
		const counts = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 });
		fc.assert(
			fc.property(counts, fc.integer({ min: 1, max: 20 }), (values, most) => {
				const steps = hearts(...values);
				const found = findHighlights(steps, most);
				expect(found.length).toBeLessThanOrEqual(most);
				const sizes = found.map((one) => sumTotals(one.counts));
				expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
				const byTime = [...found].sort((a, b) => a.from - b.from);
				for (const [index, { from, to, counts }] of byTime.entries()) {
					expect(to - from).toBe(10_000);
					expect(byTime[index + 1]?.from ?? to + 1).toBeGreaterThan(to);
					const within = steps.filter(([second]) => second * 1_000 >= from && second * 1_000 < to);
					expect(counts).toEqual(within.reduce<Totals>((sum, [, its]) => addTotals(sum, its), {}));
				}
				const best = Math.max(0, ...values.map((value, index) => value + (values[index + 1] ?? 0)));
				if (found.length > 0) expect(sizes[0]).toBe(best);
			}),
		);
	});
});
