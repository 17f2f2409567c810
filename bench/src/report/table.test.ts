import { describe, expect, it } from 'vitest';
import type { Figure } from '../scenario.ts';
import { summarize } from './summary.ts';
import { figuresTable, summaryTable } from './table.ts';

const FIGURES: Figure[] = [
	{ label: 'frames', value: 60_000, unit: '/s', target: { bound: 'at least', value: 200_000 } },
	{ label: '  CPU of a frame', value: 15, unit: 'µs of CPU' },
	{ label: '  P90', value: Number.NaN, unit: 'ms' },
	{ label: '  memory', value: 80, unit: 'MiB' },
	{ label: 'send()', value: 100_000, unit: '/s', isFloor: true },
];

const cellsOf = (table: string) => table.split('\n').map((line) => line.trim().split(/ {2,}/));

describe('figuresTable', () => {
	it('shows rates and times in relation to the floor of the run', () => {
		expect(cellsOf(figuresTable(FIGURES))).toEqual([
			['frames', '60,000 /s', '0.600 of the floor', 'at least 200,000 /s'],
			['CPU of a frame', '15.0 µs of CPU', '1.50 turns'],
			['P90', '- ms'],
			['memory', '80.0 MiB'],
			['send()', '100,000 /s'],
		]);
	});

	it('shows no relation without a floor', () => {
		expect(cellsOf(figuresTable(FIGURES.slice(0, 1)))).toEqual([['frames', '60,000 /s', 'at least 200,000 /s']]);
	});
});

describe('summaryTable', () => {
	it('shows the median of the relation of each run', () => {
		const slower = FIGURES.map((figure) => ({ ...figure, value: figure.value / (figure.isFloor ? 1 : 2) }));
		const results = [FIGURES, slower].map((figures) => ({ figures, checks: [], details: {} }));
		const [, frames] = cellsOf(summaryTable(summarize(results)));
		expect(frames).toEqual(['frames', '45,000 /s', '30,000 – 60,000', '0.450 of the floor', 'at least 200,000 /s']);
	});
});
