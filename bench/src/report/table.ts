import type { Check, Figure } from '../scenario.ts';
import { readable } from './readable.ts';
import type { FigureSummary } from './summary.ts';

type Align = 'left' | 'right';

/** Returns rows as lines of aligned columns, with two spaces before each. */
export function alignedLines(rows: readonly (readonly string[])[], columns: readonly Align[]): string {
	const widths = columns.map((_, column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
	return rows
		.map((row) => {
			const cells = columns.map((align, column) => {
				const [text, width] = [row[column] ?? '', widths[column] ?? 0];
				return align === 'left' ? text.padEnd(width) : text.padStart(width);
			});
			return `  ${cells.join('  ')}`.trimEnd();
		})
		.join('\n');
}

/** Returns the figures of one run with their targets, one a line. */
export function figuresTable(figures: readonly Figure[]): string {
	const rows = figures.map(({ label, value, unit, target }) => [
		label,
		withUnit(value, unit),
		targetText(unit, target),
	]);
	return alignedLines(rows, ['left', 'right', 'left']);
}

/** Returns the median, lowest and highest value of each figure of several runs, one a line. */
export function summaryTable(summaries: readonly FigureSummary[]): string {
	const rows = summaries.map(({ label, median, lowest, highest, unit, target }) => [
		label,
		withUnit(median, unit),
		`${readable(lowest)} – ${readable(highest)}`,
		targetText(unit, target),
	]);
	return alignedLines([['', 'median', 'lowest – highest', ''], ...rows], ['left', 'right', 'right', 'left']);
}

/** Returns the checks, one a line, with the compared values of failed checks. */
export function checksList(checks: readonly Check[]): string {
	return checks.map(({ label, ok, detail }) => (ok ? `  ok    ${label}` : `  WRONG ${label}: ${detail}`)).join('\n');
}

/** Returns a target as text; empty without one. */
export function targetText(unit: string, target: Figure['target']): string {
	return target === undefined ? '' : `${target.bound} ${withUnit(target.value, unit)}`;
}

function withUnit(value: number, unit: string): string {
	return `${readable(value)} ${unit}`.trim();
}
