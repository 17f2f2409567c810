import type { ComparedFigure, ComparedScenario } from './comparison.ts';
import { readable } from './readable.ts';
import type { Spread } from './spread.ts';
import { alignedLines } from './table.ts';

/** What a mark means, and why some comparisons have none. */
export const COMPARISON_LEGEND = [
	'floor   a share of the floor of the same run: a rate divided by that of the floor',
	'turns   a time in turns of the floor: what the bare program does in that time',
	'plain   as measured: the scenario has no floor, or the figure is no rate and no time',
	'▲ ▼     the two spreads have no value in common',
	'one run a side has no spread: nothing is marked; use --repeat',
].join('\n');

/** Returns the change of each figure, with the spread of both sides. */
export function comparisonText(
	compared: readonly ComparedScenario[],
	[before, after]: readonly [string, string],
): string {
	return compared
		.map(({ scenario, figures, unmatched, differences }) => {
			const inTurn = figures.some(({ pairs }) => pairs !== undefined);
			const head = [scenario, before, after, 'change', '', inTurn ? 'of each round' : '', 'as'];
			const table = alignedLines(
				[head, ...figures.map((figure) => row(figure))],
				['left', 'right', 'right', 'right', 'left', 'right', 'left'],
			);
			const notes = [
				...differences.map((difference) => `  not the same load: ${difference}`),
				...unmatched.map((key) => `  only on one side: ${key}`),
			];
			return [table, ...notes].join('\n');
		})
		.join('\n\n');
}

function row({ key, unit, basis, before, after, change, moved, pairs }: ComparedFigure): string[] {
	return [
		key,
		spreadText(before),
		spreadText(after),
		changeText(change),
		moved ? (change < 1 ? '▼' : '▲') : '',
		pairs === undefined ? '' : `${changeText(pairs.lowest)} – ${changeText(pairs.highest)}`,
		basis === 'share of the floor' ? 'floor' : basis === 'turns of the floor' ? 'turns' : `plain, ${unit}`,
	].map((cell) => cell.replace(/, $/, ''));
}

/** Returns a median with its spread in brackets; the value alone when only one run measured it. */
export function spreadText({ median, lowest, highest, runs }: Spread): string {
	return runs > 1 ? `${readable(median)} (${readable(lowest)} – ${readable(highest)})` : readable(median);
}

/** Returns a ratio such as `×1.05`. */
export function changeText(change: number): string {
	return Number.isFinite(change) ? `×${change.toFixed(2)}` : '-';
}
