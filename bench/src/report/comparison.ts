import type { RunRecord, RunSettings } from './run-file.ts';
import { apart, type Spread, spreadOf } from './spread.ts';
import { type Basis, type FigureSummary, summarize } from './summary.ts';

/** The runs of one gateway. */
export interface Side {
	readonly name: string;
	readonly runs: readonly RunRecord[];
}

/** A figure of two sides. The spreads are those in relation to the floor of each run where the scenario has one. */
export interface ComparedFigure {
	readonly key: string;
	readonly unit: string;
	readonly basis: Basis;
	readonly before: Spread;
	readonly after: Spread;
	/** The median after, divided by the median before. */
	readonly change: number;
	/** Whether the spreads have no value in common; undefined when a side has only one run, and thus no spread. */
	readonly moved: boolean | undefined;
	/** The same of each round, when both sides ran in turn. */
	readonly pairs?: Spread;
}

/** A scenario of two sides. */
export interface ComparedScenario {
	readonly scenario: string;
	readonly figures: readonly ComparedFigure[];
	/** Figures that only one side has. */
	readonly unmatched: readonly string[];
	/** Differences other than the build, such as the number of viewers. */
	readonly differences: readonly string[];
}

/** Compares the scenarios that both sides have. `inTurn`: both sides ran in each round, one directly after the other. */
export function compare(before: Side, after: Side, inTurn: boolean): ComparedScenario[] {
	const names = [...new Set(after.runs.map(({ scenario }) => scenario))];
	return names.flatMap((scenario) => {
		const of = (side: Side) => side.runs.filter((run) => run.scenario === scenario);
		const [from, to] = [of(before), of(after)];
		return from.length === 0 ? [] : [compareScenario(scenario, from, to, inTurn)];
	});
}

function compareScenario(
	scenario: string,
	before: readonly RunRecord[],
	after: readonly RunRecord[],
	inTurn: boolean,
): ComparedScenario {
	const [from, to] = [before, after].map((runs) => byKey(runs)) as [FiguresByKey, FiguresByKey];
	const rounds = inTurn ? pairsOf(before, after) : [];
	const figures: ComparedFigure[] = [];
	for (const [key, figure] of to) {
		const earlier = from.get(key);
		if (earlier === undefined) continue;
		const compared = compareFigure(earlier, figure);
		const changes = rounds.map(([one, other]) => changeOf(one.get(key), other.get(key)));
		figures.push(inTurn ? { ...compared, pairs: spreadOf(changes) } : compared);
	}
	const only = (here: FiguresByKey, there: FiguresByKey) => [...here.keys()].filter((key) => !there.has(key));
	return {
		scenario,
		figures,
		unmatched: [...only(from, to), ...only(to, from)],
		differences: settingsThatDiffer(before, after),
	};
}

type FiguresByKey = ReadonlyMap<string, FigureSummary>;

function byKey(runs: readonly RunRecord[]): FiguresByKey {
	return new Map(summarize(runs.map(({ result }) => result)).map((summary) => [summary.key, summary]));
}

/** Returns the figures of both sides for each round that both have. */
function pairsOf(before: readonly RunRecord[], after: readonly RunRecord[]): [FiguresByKey, FiguresByKey][] {
	return before.flatMap((run): [FiguresByKey, FiguresByKey][] => {
		const other = after.find(({ round }) => round === run.round);
		return other === undefined ? [] : [[byKey([run]), byKey([other])]];
	});
}

/** A side without a floor can only be compared as measured. */
function spreadsOf(before: FigureSummary, after: FigureSummary): [Spread, Spread, Basis] {
	if (before.basis === after.basis) return [before.related, after.related, after.basis];
	return [before, after, 'plain'];
}

function changeOf(before: FigureSummary | undefined, after: FigureSummary | undefined): number {
	if (before === undefined || after === undefined) return Number.NaN;
	const [from, to] = spreadsOf(before, after);
	return ratio(to.median, from.median);
}

function compareFigure(earlier: FigureSummary, figure: FigureSummary): ComparedFigure {
	const [before, after, basis] = spreadsOf(earlier, figure);
	const { key, unit } = figure;
	const moved = before.runs > 1 && after.runs > 1 ? apart(before, after) : undefined;
	return { key, unit, basis, before, after, change: ratio(after.median, before.median), moved };
}

/** Returns NaN where nothing was measured before. */
function ratio(after: number, before: number): number {
	return before === 0 ? Number.NaN : after / before;
}

const SETTINGS: readonly (keyof RunSettings)[] = ['viewers', 'seconds', 'quick'];

function settingsThatDiffer(before: readonly RunRecord[], after: readonly RunRecord[]): string[] {
	return SETTINGS.flatMap((setting) => {
		const valuesOf = (runs: readonly RunRecord[]) => [...new Set(runs.map(({ settings }) => settings[setting]))].join();
		const [from, to] = [valuesOf(before), valuesOf(after)];
		return from === to ? [] : [`${setting} ${from} → ${to}`];
	});
}
