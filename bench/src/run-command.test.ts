import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordOf, writeFakeRun } from './report/fake-run.ts';
import { readRunFile } from './report/run-file.ts';
import { runCommand } from './run-command.ts';
import type { Plot, Scenario } from './scenario.ts';
import { UsageError } from './usage-error.ts';

const directory = mkdtempSync(join(tmpdir(), 'bench-command-'));
afterAll(() => rmSync(directory, { recursive: true }));

let printed: string[] = [];
beforeEach(() => {
	printed = [];
	for (const stream of ['log', 'error'] as const) {
		vi.spyOn(console, stream).mockImplementation((text: string) => void printed.push(text));
	}
});
afterEach(() => void vi.restoreAllMocks());

/** Returns a scenario whose rate grows with each run. */
function scenarioOf(name: string, isExact = true): Scenario {
	let runs = 0;
	const plot: Plot = { name: 'runs', title: 'Rate', x: 'runs', y: '/s', logarithmic: 'none', lines: [] };
	return {
		...{ name, about: 'a rate', seconds: 4 },
		run: async ({ seconds }) => ({
			figures: [{ label: 'rate', value: 100 * ++runs, unit: '/s' }],
			checks: [{ label: 'exact', ok: isExact, detail: '' }],
			plots: [{ ...plot, lines: [{ name: 'rate', points: [[seconds, runs]] }] }],
			details: {},
		}),
	};
}

/** Runs the command with results in a new directory. */
async function bench(scenarios: readonly Scenario[], ...args: string[]) {
	const results = mkdtempSync(join(directory, 'results-'));
	const own = ['--host-network', '--node-client', '--no-pin', '--results', results];
	const code = await runCommand([...own, ...args], scenarios);
	return { code, text: printed.join('\n'), results, files: readdirSync(results).sort() };
}

describe('runCommand', () => {
	it('repeats scenarios in turn, compares them with an earlier run, and writes all runs with a report', async () => {
		const earlier = join(directory, 'earlier.json');
		const figures = [{ label: 'rate', value: 50, unit: '/s' }];
		writeFakeRun(
			earlier,
			[1, 2].map((round) => recordOf(figures, { scenario: 'one', round })),
		);
		const scenarios = [scenarioOf('one'), scenarioOf('two')];
		const { code, text, results, files } = await bench(scenarios, '--repeat', '2', '--quick', '--compare', earlier);

		expect(code).toBe(0);
		expect(text).toContain('not pinned: --no-pin');
		expect(text).toContain('one (run 2 of 2): a rate');
		expect(text).toMatch(/one, 2 runs:\n\n +median +lowest – highest\n +rate +150 \/s +100 – 200\n/);
		expect(text).toContain('not the same conditions: viewers in: c → node');
		expect(text).toContain('not the same load: viewers 100 → 200');
		expect(text).toMatch(/rate +50\.0 \(50\.0 – 50\.0\) +150 \(100 – 200\) +×3\.00 +▲ +plain, \/s/);
		const json = files.find((name) => name.endsWith('.json')) ?? '';
		expect(files).toEqual(
			['-one-runs.svg', '-two-runs.svg', '.json', '.md'].map((part) => json.replace('.json', part)),
		);
		const { runs, pinning } = readRunFile(join(results, json));
		expect(runs.map(({ scenario, round }) => `${scenario} ${round}`)).toEqual(['one 1', 'two 1', 'one 2', 'two 2']);
		expect(runs[0]?.settings).toEqual({ viewers: 200, seconds: 1, quick: true });
		expect(pinning).toEqual({ off: '--no-pin' });
		expect(readFileSync(join(results, json.replace('.json', '.md')), 'utf8')).toContain('## before → now');
	});

	it('runs gateways in turn, and compares each with the first', async () => {
		const file = join(directory, 'earlier.json');
		writeFakeRun(file, [recordOf([])]);
		const gateways = ['old', 'new'].flatMap((name) => ['--gateway', `${name}=${file}`]);
		const { code, text } = await bench([scenarioOf('one')], ...gateways);
		expect(code).toBe(0);
		expect(text).toMatch(/one \(old\): [\s\S]*one \(new\): [\s\S]*old → new:/);
		expect(text).toMatch(/rate +100 +200 +×2\.00 +×2\.00 – ×2\.00 +plain, \/s/);
	});

	it('returns 1 when a check failed', async () => {
		const { code, text } = await bench([scenarioOf('one', false)]);
		expect(text).toContain('WRONG exact');
		expect(code).toBe(1);
	});

	it('returns 1 when a scenario failed, and keeps the runs before it', async () => {
		const failing: Scenario = { ...scenarioOf('two'), run: () => Promise.reject(new Error('no gateway')) };
		const { code, text, results, files } = await bench([scenarioOf('one'), failing]);
		expect(text).toMatch(/^bench: no gateway$/m);
		expect(code).toBe(1);
		expect(readRunFile(join(results, files[0] ?? '')).runs).toHaveLength(1);
	});

	it('returns 2 for a wrong file or argument, before it measures', async () => {
		const run = () => Promise.reject(new UsageError('it ran'));
		const scenario: Scenario = { ...scenarioOf('one'), run };
		const missing = await bench([scenario], '--compare', join(directory, 'none.json'));
		expect(missing.text).toMatch(/^bench: cannot read .*none\.json: ENOENT/);
		expect(missing).toMatchObject({ code: 2, files: [] });
		expect(await bench([scenario], '--repeat', '0')).toMatchObject({ code: 2, files: [] });
		expect(await bench([scenario], '--results', join(directory, 'earlier.json'))).toMatchObject({ code: 2 });
		expect(printed.join('\n')).not.toContain('it ran');
	});
});
