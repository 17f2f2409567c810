import type { Check, Figure } from '../scenario.ts';

/** Returns the figures of a scenario with their targets, one a line. */
export function figuresTable(figures: readonly Figure[]): string {
	const rows = figures.map(({ label, value, unit, target }) => [
		label,
		`${readable(value)} ${unit}`.trim(),
		target === undefined ? '' : `${target.bound} ${readable(target.value)} ${unit}`,
	]);
	const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows
		.map(([label = '', value = '', target = '']) =>
			`  ${label.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${target}`.trimEnd(),
		)
		.join('\n');
}

/** Returns the checks, one a line, with the compared values of failed checks. */
export function checksList(checks: readonly Check[]): string {
	return checks.map(({ label, ok, detail }) => (ok ? `  ok    ${label}` : `  WRONG ${label}: ${detail}`)).join('\n');
}

/** Formats with three significant digits and thousands separators. */
function readable(value: number): string {
	if (Number.isNaN(value)) return '-';
	const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
	return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
