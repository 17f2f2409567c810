import type { Check, Figure } from '../scenario.ts';
import { readable } from './readable.ts';
import { type FigureSummary, summarize } from './summary.ts';

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

/** Returns the figures of one run with their targets and their relation to the floor, one a line. */
export function figuresTable(figures: readonly Figure[]): string {
	const rows = summarize([{ figures, checks: [], details: {} }]).map((summary) => [
		summary.label,
		withUnit(summary.median, summary.unit),
		relationText(summary),
		targetText(summary.unit, summary.target),
	]);
	return alignedLines(rows, ['left', 'right', 'right', 'left']);
}

/** Returns the median, lowest and highest value of each figure of several runs, one a line, with the same relation. */
export function summaryTable(summaries: readonly FigureSummary[]): string {
	const rows = summaries.map((summary) => [
		summary.label,
		withUnit(summary.median, summary.unit),
		`${readable(summary.lowest)} – ${readable(summary.highest)}`,
		relationText(summary),
		targetText(summary.unit, summary.target),
	]);
	const columns = ['left', 'right', 'right', 'right', 'left'] as const;
	return alignedLines([['', 'median', 'lowest – highest', '', ''], ...rows], columns);
}

/** Returns the checks, one a line, with the compared values of failed checks. */
export function checksList(checks: readonly Check[]): string {
	return checks.map(({ label, ok, detail }) => (ok ? `  ok    ${label}` : `  WRONG ${label}: ${detail}`)).join('\n');
}

/** Returns the relation of a figure to the floor as text: `0.690 of the floor`, `1.20 turns`; empty without one. */
export function relationText({ basis, related: { median } }: Pick<FigureSummary, 'basis' | 'related'>): string {
	if (Number.isNaN(median)) return '';
	if (basis === 'share of the floor') return `${readable(median)} of the floor`;
	return basis === 'turns of the floor' ? `${readable(median)} turns` : '';
}

/** Returns a target as text; empty without one. */
export function targetText(unit: string, target: Figure['target']): string {
	return target === undefined ? '' : `${target.bound} ${withUnit(target.value, unit)}`;
}

function withUnit(value: number, unit: string): string {
	return `${readable(value)} ${unit}`.trim();
}
