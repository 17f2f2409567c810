import { describe, expect, it } from 'vitest';
import { planRuns } from './run-plan.ts';
import type { Scenario } from './scenario.ts';
import { UsageError } from './usage-error.ts';

const scenarioOf = (name: string, ownCode = false): Scenario => ({
	...{ name, about: '', seconds: 1, ownCode },
	run: () => Promise.reject(new Error('not run')),
});

const SCENARIOS = [scenarioOf('frames'), scenarioOf('digests', true)];
const [OLD, NEW] = ['old', 'new'].map((name) => ({ name, file: `${name}.js` })) as [
	{ name: string; file: string },
	{ name: string; file: string },
];

const textOf = (...args: Parameters<typeof planRuns>) =>
	planRuns(...args).map(({ scenario, gateway, round }) => `${scenario.name} ${gateway.name} ${round}`);

describe('planRuns', () => {
	it('runs all scenarios once, then again', () => {
		expect(textOf(SCENARIOS, [NEW], 2)).toEqual([
			...['frames new 1', 'digests new 1', 'frames new 2', 'digests new 2'],
		]);
	});

	it('runs gateways in turn, and leaves out scenarios that measure neither', () => {
		expect(textOf(SCENARIOS, [OLD, NEW], 2)).toEqual([
			...['frames old 1', 'frames new 1', 'frames old 2', 'frames new 2'],
		]);
	});

	it('refuses several gateways when no scenario measures them', () => {
		expect(() => planRuns(SCENARIOS.slice(1), [OLD, NEW], 1)).toThrow(UsageError);
		expect(() => planRuns(SCENARIOS.slice(1), [OLD, NEW], 1)).toThrow(/^digests: measured in this checkout/);
		expect(textOf(SCENARIOS.slice(1), [OLD], 1)).toEqual(['digests old 1']);
	});
});
