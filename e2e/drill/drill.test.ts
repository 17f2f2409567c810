import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testDirectory } from '../../gateway/test/temporary-directory.ts';
import { hasPostgres } from '../../local-cluster/nodes/local-postgres.ts';
import { runCommand } from '../support/run-command.ts';
import { drill, exitCodeOf, type Result } from './drill.ts';
import { FAULTS } from './faults/all.ts';

const runDrill = (...args: string[]) => runCommand('e2e/drill/main.ts', ...args);

describe('npm run drill', () => {
	it('passes every short fault, and finds every accepted like in the store', { timeout: 240_000 }, async () => {
		const json = join(testDirectory(), 'drill.json');
		// The bounds of convergence are for an idle machine; the rest holds at any speed.
		const args = ['--short', '--seconds', '5', '--viewers', '24', '--patience', '20', '--json', json];
		const [code, written] = await runDrill(...args);
		expect(code, written).toBe(0);
		const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: Result[] };
		const maySkipPostgres = !hasPostgres() && process.env.CI === undefined;
		const expected = FAULTS.filter(({ short }) => short).map(({ name, topology }) => [
			name,
			topology.regions && maySkipPostgres ? 'skipped' : 'pass',
		]);
		expect(results.map(({ fault, verdict }) => [fault.name, verdict])).toEqual(expected);
		for (const { seen, verdict } of results) {
			if (verdict === 'skipped') continue;
			expect(seen?.audit).toMatchObject({ accepted: seen?.audit.stored, lost: 0, doubled: 0 });
			expect(seen?.audit.accepted).toBeGreaterThan(100);
		}
		for (const [name, verdict] of expected) {
			expect(written).toMatch(new RegExp(`\\| ${name} .*\\| +${verdict} +\\|`));
		}
	});

	it('names the wrong argument', async () => {
		const [[unknown, text], [wrong]] = await Promise.all([
			runDrill('--only', 'earthquake'),
			runDrill('--seconds', 'many'),
		]);
		expect([unknown, wrong]).toEqual([2, 2]);
		expect(text).toMatch(/unknown fault 'earthquake'; known faults: nothing, frontend-killed/);
	});
});

describe('drill', () => {
	it('skips a fault that the machine does not allow, with the reason', async () => {
		const faults = FAULTS.filter(({ needsOwnNetwork }) => needsOwnNetwork);
		const options = {
			seed: 1,
			viewers: 1,
			likesPerSecond: 1,
			commentsPerSecond: 1,
			ownNetwork: false,
			onProgress: () => undefined,
		};
		const results = await drill(faults, options);
		expect(results).toMatchObject([{ verdict: 'skipped', reasons: [expect.stringMatching(/network namespace/)] }]);
		expect([true, false].map((maySkip) => exitCodeOf(results, { maySkip }))).toEqual([0, 1]);
	});
});
