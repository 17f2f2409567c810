import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Plot, ScenarioResult } from '../scenario.ts';
import { comparisonsOf } from './compare-runs.ts';
import { recordOf, writeFakeRun } from './fake-run.ts';
import { mergePlots } from './merged-plots.ts';
import { type RunFile, type RunRecord, readRunFile } from './run-file.ts';
import { groupRuns } from './run-groups.ts';
import { writeReport } from './write-report.ts';

const directory = mkdtempSync(join(tmpdir(), 'bench-report-'));
afterAll(() => rmSync(directory, { recursive: true }));

function growthOf(gateway: string, round: number, cost: number): RunRecord {
	const plot: Plot = {
		...{ name: 'frontends', title: 'CPU of a like, by frontends', x: 'frontends', y: 'µs of CPU', logarithmic: 'x' },
		lines: [
			{
				name: 'dispatcher',
				points: [
					[10, cost * 2],
					[1, cost],
				],
			},
		],
	};
	const result: ScenarioResult = {
		figures: [{ label: '1 | 10 frontends', value: cost, unit: 'µs of CPU', target: { bound: 'under', value: 9 } }],
		checks: [{ label: 'exact', ok: gateway !== 'broken', detail: '2 of 3' }],
		plots: [plot],
		details: {},
	};
	return recordOf([], { scenario: 'growth', gateway, round, result });
}

function runOf(costs: Readonly<Record<string, readonly number[]>>): RunFile {
	const runs = Object.entries(costs).flatMap(([gateway, values]) =>
		values.map((cost, index) => growthOf(gateway, index + 1, cost)),
	);
	const gateways = Object.keys(costs).map((name) => ({ name, file: `${name}.js` }));
	return writeFakeRun(join(directory, 'run.json'), runs, { gateways });
}

describe('mergePlots', () => {
	it('returns one plot of all runs, with the spread at each x in order', () => {
		const [plot, ...others] = mergePlots(groupRuns(runOf({ gateway: [10, 14, 12] })));
		expect(others).toEqual([]);
		expect(plot).toMatchObject({ scenario: 'growth', name: 'frontends', x: 'frontends', y: 'µs of CPU' });
		expect(plot?.lines).toEqual([
			{
				name: 'dispatcher',
				points: [
					{ x: 1, y: { median: 12, lowest: 10, highest: 14, runs: 3 } },
					{ x: 10, y: { median: 24, lowest: 20, highest: 28, runs: 3 } },
				],
			},
		]);
	});

	it('has a line for each gateway, and leaves out points without a value', () => {
		const run = runOf({ old: [10], new: [Number.NaN] });
		expect(readRunFile(join(directory, 'run.json'))).toEqual(run);
		const [plot] = mergePlots(groupRuns(run));
		expect(plot?.lines.map(({ name, points }) => [name, points.length])).toEqual([
			...[
				['old, dispatcher', 2],
				['new, dispatcher', 0],
			],
		]);
	});
});

describe('writeReport', () => {
	it('writes figures, checks, a comparison and plots that the report shows', () => {
		const run = runOf({ old: [10, 11, 12], new: [6, 5, 4] });
		const report = writeReport(directory, 'now', run, comparisonsOf(run));
		const text = readFileSync(report, 'utf8');
		expect(text).toContain('| 1 \\| 10 frontends | 11.0 | 10.0 | 12.0 | µs of CPU | under 9.00 µs of CPU |');
		expect(text).toContain('3 of 3 checks hold.');
		expect(text).toContain('## old → new');
		expect(text).toMatch(/\| 11\.0 \(10\.0 – 12\.0\) \| 5\.00 \(4\.00 – 6\.00\) \| ×0\.45 \| ▼ \| ×0\.33 – ×0\.60 \|/);
		const [, image = ''] = /!\[CPU of a like, by frontends\]\((.*)\)/.exec(text) ?? [];
		expect(readdirSync(directory)).toContain(image);
		const svg = readFileSync(join(directory, image), 'utf8');
		expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
		for (const shown of [
			'CPU of a like, by frontends',
			'µs of CPU',
			'frontends',
			'old, dispatcher',
			'new, dispatcher',
		]) {
			expect(svg).toContain(`>${shown}</text>`);
		}
		// The bars of a line have its colour, and take none from the next line.
		expect([...new Set(svg.match(/#(?:0072b2|d55e00|009e73)/g))]).toEqual(['#0072b2', '#d55e00']);
	});

	it('names the checks that failed', () => {
		const run = runOf({ broken: [10] });
		const text = readFileSync(writeReport(directory, 'broken', run, []), 'utf8');
		expect(text).toContain('0 of 1 checks hold.');
		expect(text).toContain('- **WRONG** exact: 2 of 3');
	});

	it('says what differs from an earlier run', () => {
		const earlier = runOf({ gateway: [10, 11] });
		const machine = { ...earlier.machine, cpu: 'another processor' };
		const comparisons = comparisonsOf({ ...earlier, machine }, earlier);
		const text = readFileSync(writeReport(directory, 'later', earlier, comparisons), 'utf8');
		expect(text).toContain('- not the same conditions: processor: a processor → another processor');
		expect(text).toContain('## before → now');
	});
});
