import { describe, expect, it } from 'vitest';
import type { Figure, ScenarioResult } from '../scenario.ts';
import { apart, spreadOf } from './spread.ts';
import { figureKeys, summarize } from './summary.ts';

const figure = (label: string, value: number, unit = '', more: Partial<Figure> = {}): Figure => {
	return { label, value, unit, ...more };
};
const resultOf = (...figures: Figure[]): ScenarioResult => ({ figures, checks: [], details: {} });

describe('spreadOf', () => {
	it('returns the middle, lowest and highest value of an odd number of runs', () => {
		expect(spreadOf([30, 10, 20])).toEqual({ median: 20, lowest: 10, highest: 30, runs: 3 });
	});

	it('returns the mean of both middle values of an even number of runs', () => {
		expect(spreadOf([40, 10, 20, 30]).median).toBe(25);
	});

	it('orders by value, not by text', () => {
		expect(spreadOf([9, 100, 20]).median).toBe(20);
	});

	it('leaves out runs that could not measure', () => {
		expect(spreadOf([Number.NaN, 2, 4])).toEqual({ median: 3, lowest: 2, highest: 4, runs: 2 });
	});

	it('is NaN without a value', () => {
		expect(spreadOf([])).toEqual({ median: Number.NaN, lowest: Number.NaN, highest: Number.NaN, runs: 0 });
	});
});

describe('apart', () => {
	it('holds for spreads without a common value, in either order', () => {
		const [low, high] = [spreadOf([1, 2]), spreadOf([3, 4])];
		expect([apart(low, high), apart(high, low), apart(low, spreadOf([2, 3])), apart(low, low)]).toEqual([
			...[true, true, false, false],
		]);
	});

	it('does not hold without a value', () => {
		expect(apart(spreadOf([]), spreadOf([1]))).toBe(false);
	});
});

describe('figureKeys', () => {
	it('adds the headline to the figures that detail it', () => {
		const labels = ['hot: likes', '  P50', '  P99', 'bytes, plain', '… gzip', 'cores'];
		expect(figureKeys(labels.map((label) => figure(label, 1)))).toEqual([
			...['hot: likes', 'hot: likes › P50', 'hot: likes › P99', 'bytes, plain', 'bytes, plain › gzip', 'cores'],
		]);
	});

	it('numbers figures of the same label', () => {
		expect(figureKeys([figure('a', 1), figure('a', 2)])).toEqual(['a', 'a (2)']);
	});
});

describe('summarize', () => {
	it('has each figure of any run once, with its unit and target', () => {
		const target = { bound: 'under', value: 75 } as const;
		const runs = [resultOf(figure('P90', 70, 'ms', { target })), resultOf(figure('P90', 80, 'ms'), figure('new', 1))];
		const [p90, added] = summarize(runs);
		expect(p90).toMatchObject({ key: 'P90', unit: 'ms', target, median: 75, lowest: 70, highest: 80, runs: 2 });
		expect(added).toMatchObject({ key: 'new', median: 1, runs: 1 });
	});

	it('relates rates and times to the floor of the same run', () => {
		const run = (slow: number) =>
			resultOf(
				figure('frames', 60_000 / slow, '/s'),
				figure('P90', 100 * slow, 'ms'),
				figure('a frame', 20 * slow, 'µs of CPU'),
				figure('memory', 12, 'MiB'),
				figure('send()', 100_000 / slow, '/s', { isFloor: true }),
			);
		const [frames, p90, frame, memory, floor] = summarize([run(1), run(2), run(4)]);
		expect(frames).toMatchObject({ basis: 'share of the floor', related: { median: 0.6, lowest: 0.6, highest: 0.6 } });
		expect(p90).toMatchObject({ basis: 'turns of the floor', related: { lowest: 10_000, highest: 10_000 } });
		expect(frame?.related.median).toBeCloseTo(2, 10);
		expect(memory).toMatchObject({ basis: 'plain', related: { median: 12 } });
		expect(floor).toMatchObject({ basis: 'the floor', median: 50_000, related: { median: 50_000 } });
	});

	it('takes figures as measured when a run has no floor', () => {
		const withFloor = (value: number) =>
			resultOf(figure('frames', 10, '/s'), figure('send()', value, '/s', { isFloor: true }));
		expect(summarize([withFloor(20), withFloor(Number.NaN)])[0]).toMatchObject({
			basis: 'plain',
			related: { median: 10 },
		});
		expect(summarize([resultOf(figure('frames', 10, '/s'))])[0]).toMatchObject({ basis: 'plain' });
	});
});
