import type { Plot } from '../scenario.ts';
import type { RunGroup } from './run-groups.ts';
import { type Spread, spreadOf } from './spread.ts';

/** A plot of all runs of a scenario. */
export interface MergedPlot extends Omit<Plot, 'lines'> {
	readonly scenario: string;
	readonly lines: readonly MergedLine[];
}

export interface MergedLine {
	readonly name: string;
	/** In the order of x. */
	readonly points: readonly { readonly x: number; readonly y: Spread }[];
}

/** Merges the plots of all runs: one for each plot of a scenario, with lines for each gateway. */
export function mergePlots(groups: readonly RunGroup[]): MergedPlot[] {
	const merged = new Map<string, { readonly plot: Plot; readonly scenario: string; readonly lines: MergedLine[] }>();
	for (const { scenario, gateway, runs } of groups) {
		const plots = runs.flatMap(({ result }) => result.plots ?? []);
		for (const name of new Set(plots.map((plot) => plot.name))) {
			const same = plots.filter((plot) => plot.name === name);
			const key = `${scenario}/${name}`;
			const known = merged.get(key) ?? { plot: same[0] as Plot, scenario, lines: [] };
			known.lines.push(...mergeLines(same, gateway));
			merged.set(key, known);
		}
	}
	return [...merged.values()].map(({ plot, scenario, lines }) => ({ ...plot, scenario, lines }));
}

function mergeLines(plots: readonly Plot[], gateway: string | undefined): MergedLine[] {
	const names = new Set(plots.flatMap(({ lines }) => lines.map(({ name }) => name)));
	return [...names].map((name) => {
		const points = plots.flatMap(({ lines }) =>
			lines.filter((line) => line.name === name).flatMap((line) => line.points),
		);
		const xs = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
		const of = (x: number) => spreadOf(points.filter(([other]) => other === x).map(([, y]) => y));
		return {
			name: gateway === undefined ? name : `${gateway}, ${name}`,
			points: xs.map((x) => ({ x, y: of(x) })).filter(({ y }) => y.runs > 0),
		};
	});
}
