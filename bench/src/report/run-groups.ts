import type { RunFile, RunRecord } from './run-file.ts';

/** The runs of one scenario with one gateway. */
export interface RunGroup {
	readonly scenario: string;
	/** Undefined when the command measured only one. */
	readonly gateway: string | undefined;
	readonly runs: readonly RunRecord[];
}

/** Returns the runs by scenario and gateway, in the order of time. */
export function groupRuns({ runs, gateways }: RunFile): RunGroup[] {
	const scenarios = [...new Set(runs.map(({ scenario }) => scenario))];
	return scenarios.flatMap((scenario) =>
		gateways.map(({ name }) => ({
			scenario,
			gateway: gateways.length > 1 ? name : undefined,
			runs: runs.filter((run) => run.scenario === scenario && run.gateway === name),
		})),
	);
}
