import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from './compare-runs.ts';
import { markdownReport } from './markdown.ts';
import { mergePlots } from './merged-plots.ts';
import { plotSvg } from './plot-svg.ts';
import type { RunFile } from './run-file.ts';
import { groupRuns } from './run-groups.ts';

/** Writes a report as `NAME.md`, and its plots as `NAME-SCENARIO-PLOT.svg`. Returns the path of the report. */
export function writeReport(directory: string, name: string, run: RunFile, comparisons: readonly Comparison[]): string {
	const plots = mergePlots(groupRuns(run)).map((plot) => {
		const file = `${name}-${plot.scenario}-${plot.name}.svg`;
		writeFileSync(join(directory, file), plotSvg(plot));
		return { scenario: plot.scenario, title: plot.title, file };
	});
	const report = join(directory, `${name}.md`);
	writeFileSync(report, markdownReport(run, comparisons, plots));
	return report;
}
