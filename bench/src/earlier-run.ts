import { type RunFile, readRunFile } from './report/run-file.ts';
import type { Scenario } from './scenario.ts';
import { UsageError } from './usage-error.ts';

/** Reads the file of `--compare`. Throws a UsageError when it has nothing to compare with these scenarios. */
export function readEarlierRun(file: string, scenarios: readonly Scenario[]): RunFile {
	const earlier = readRunFile(file);
	if (earlier.gateways.length > 1) {
		const names = earlier.gateways.map(({ name }) => name).join(', ');
		throw new UsageError(`${file} has several gateways (${names}); --compare takes a run of one`);
	}
	const known = new Set(earlier.runs.map(({ scenario }) => scenario));
	if (scenarios.some(({ name }) => known.has(name))) return earlier;
	const asked = scenarios.map(({ name }) => name).join(', ');
	throw new UsageError(`${file} has no run of ${asked}; it has ${[...known].join(', ')}`);
}
