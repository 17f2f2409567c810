import type { Comparison } from './compare-runs.ts';
import { COMPARISON_LEGEND, comparisonText } from './comparison-text.ts';
import type { RunFile } from './run-file.ts';
import { groupRuns } from './run-groups.ts';
import { summarize } from './summary.ts';
import { summaryTable } from './table.ts';

/** Prints the median and spread of each figure of scenarios that ran several times. */
export function printMedians(run: RunFile): void {
	for (const { scenario, gateway, runs } of groupRuns(run)) {
		if (runs.length < 2) continue;
		console.log(`\n${scenario}${gateway === undefined ? '' : ` (${gateway})`}, ${runs.length} runs:\n`);
		console.log(summaryTable(summarize(runs.map(({ result }) => result))));
	}
}

/** Prints what changed between two sides. */
export function printComparisons(comparisons: readonly Comparison[]): void {
	for (const { names, compared, differences } of comparisons) {
		console.log(`\n${names.join(' → ')}:\n`);
		for (const difference of differences) console.log(`  not the same conditions: ${difference}`);
		if (differences.length > 0) console.log('');
		console.log(comparisonText(compared, names));
	}
	if (comparisons.length > 0) console.log(`\n${COMPARISON_LEGEND}`);
}
