import { describe, expect, it } from 'vitest';
import type { Figure } from '../scenario.ts';
import { compare, type Side } from './comparison.ts';
import { comparisonText } from './comparison-text.ts';
import { recordOf } from './fake-run.ts';
import type { RunRecord } from './run-file.ts';

const FLOOR = 100_000;

/** Returns a side with a run for each rate of frames, on a machine that slows all by `slow`. */
function sideOf(name: string, rates: readonly number[], slow = 1, more: Partial<RunRecord> = {}): Side {
	const runs = rates.map((rate, index) => {
		const figures: Figure[] = [
			{ label: 'frames', value: rate / slow, unit: '/s' },
			{ label: 'memory', value: 10, unit: 'MiB' },
			{ label: 'send()', value: FLOOR / slow, unit: '/s', isFloor: true },
		];
		return recordOf(figures, { round: index + 1, gateway: name, ...more });
	});
	return { name, runs };
}

function framesOf(before: Side, after: Side, inTurn = false) {
	const [figure] = compare(before, after, inTurn)[0]?.figures ?? [];
	if (figure === undefined) throw new Error('nothing was compared');
	return figure;
}

describe('compare', () => {
	it('finds no change on a machine of half the speed', () => {
		const figure = framesOf(sideOf('old', [50_000, 52_000]), sideOf('new', [50_000, 52_000], 2));
		expect(figure).toMatchObject({ change: 1, moved: false, basis: 'share of the floor' });
		expect(figure.after).toMatchObject({ median: 0.51, lowest: 0.5, highest: 0.52 });
	});

	it('marks a figure whose spreads have no value in common', () => {
		expect(framesOf(sideOf('old', [50_000, 52_000]), sideOf('new', [53_000, 60_000])).moved).toBe(true);
		expect(framesOf(sideOf('old', [50_000, 54_000]), sideOf('new', [53_000, 60_000])).moved).toBe(false);
	});

	it('marks nothing when a side has one run', () => {
		expect(framesOf(sideOf('old', [50_000]), sideOf('new', [90_000, 91_000])).moved).toBeUndefined();
	});

	it('takes a figure as measured when a side has no floor', () => {
		const without = { name: 'old', runs: [recordOf([{ label: 'frames', value: 40_000, unit: '/s' }])] };
		const figure = framesOf(without, sideOf('new', [60_000]));
		expect(figure).toMatchObject({ basis: 'plain', change: 1.5, before: { median: 40_000 } });
	});

	it('returns the change of each round of sides that ran in turn', () => {
		const figure = framesOf(sideOf('old', [50_000, 80_000]), sideOf('new', [60_000, 100_000]), true);
		expect(figure.pairs).toMatchObject({ lowest: 1.2, highest: 1.25, runs: 2 });
	});

	it('names figures of one side, and loads that differ', () => {
		const settings = { viewers: 200, seconds: 1, quick: true };
		const more = [{ label: 'new', value: 1, unit: '' }];
		const [compared] = compare(sideOf('old', [50_000]), { name: 'new', runs: [recordOf(more, { settings })] }, false);
		expect(compared?.unmatched).toEqual(['frames', 'memory', 'send()', 'new']);
		expect(compared?.differences).toEqual(['viewers 100 → 200', 'quick false → true']);
	});

	it('leaves out scenarios of one side', () => {
		expect(compare(sideOf('old', [1], 1, { scenario: 'ingest' }), sideOf('new', [1]), false)).toEqual([]);
	});

	it('has no change from zero', () => {
		const zero = (value: number) => ({ name: '', runs: [recordOf([{ label: 'shed', value, unit: '' }])] });
		expect(framesOf(zero(0), zero(3)).change).toBeNaN();
	});
});

describe('comparisonText', () => {
	it('prints both spreads, the change, the mark, and the basis', () => {
		const compared = compare(sideOf('old', [50_000, 52_000]), sideOf('new', [60_000, 64_000]), true);
		const [head = '', frames = '', memory = ''] = comparisonText(compared, ['old', 'new']).split('\n');
		expect(head).toMatch(/frames +old +new +change +of each round +as/);
		expect(frames).toMatch(
			/frames +0\.510 \(0\.500 – 0\.520\) +0\.620 \(0\.600 – 0\.640\) +×1\.22 +▲ +×1\.20 – ×1\.23 +floor$/,
		);
		expect(memory).toMatch(/memory .*×1\.00 .*plain, MiB$/);
	});

	it('prints a decrease, values that are missing, and what differs', () => {
		const runs = [Number.NaN, Number.NaN].map((value) => recordOf([{ label: 'P90', value, unit: 'ms' }]));
		const settings = { viewers: 1, seconds: 1, quick: false };
		const missing = comparisonText(
			compare({ name: 'old', runs }, { name: 'new', runs: runs.map((run) => ({ ...run, settings })) }, false),
			['old', 'new'],
		);
		expect(missing).toMatch(/P90 +- +- +- +plain, ms/);
		expect(missing).toContain('not the same load: viewers 100 → 1');
		const fewer = compare(sideOf('old', [50_000, 52_000]), sideOf('new', [40_000, 44_000]), false);
		expect(comparisonText(fewer, ['old', 'new'])).toMatch(/×0\.82 +▼ +floor/);
	});
});
