import type { Convergence, Observation } from '../audit/checker.ts';
import type { Result } from '../drill.ts';

const HEAD = [
	'fault',
	'likes accepted',
	'in the store',
	'viewers exact',
	'converged after',
	'frames missed',
	'floods',
	'comments',
	'missing',
	'doubled',
	'out of order',
	'gaps',
	'verdict',
];

/** Returns the results as a Markdown table, followed by the reasons of failures and skips, and by remarks. */
export function resultsTable(results: readonly Result[]): string {
	const rows = results.map(({ fault, verdict, seen }) => [
		fault.name,
		...(seen === undefined ? HEAD.slice(1, -1).map(() => '-') : figures(seen)),
		verdict,
	]);
	const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`;
	const rule = widths.map((width, column) => (isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
	return [line(HEAD), line(rule), ...rows.map(line), ...remarks(results)].join('\n');
}

function figures({ audit, comments, convergences, missed, counters }: Observation): string[] {
	const last = convergences.at(-1);
	const { stored, received } = comments;
	const gaps = Object.values(received.gaps).reduce((sum, count) => sum + count, 0);
	return [
		String(audit.accepted),
		String(audit.stored),
		last === undefined ? '-' : `${last.agreeing} of ${last.of}`,
		convergences.length === 0 ? '-' : convergences.map(timeOf).join(', '),
		`${missed.missed} of ${missed.of}`,
		String(counters.floods ?? '-'),
		...[stored.stored, received.missing, stored.doubled + received.doubled, received.disordered, gaps].map(String),
	];
}

function timeOf({ ms }: Convergence): string {
	return ms === undefined ? 'never' : `${(ms / 1000).toFixed(2)} s`;
}

function remarks(results: readonly Result[]): string[] {
	const lines = results.flatMap(({ fault, verdict, seen, reasons }) => [
		...reasons.map((reason) => `${fault.name}: ${verdict}: ${reason}`),
		...(seen?.notes ?? []).map((note) => `${fault.name}: ${note}`),
	]);
	return lines.length === 0 ? [] : ['', ...lines];
}

const isText = (column: number) => column === 0 || column === HEAD.length - 1;

function pad(cell: string, width: number, column: number): string {
	return isText(column) ? cell.padEnd(width) : cell.padStart(width);
}
