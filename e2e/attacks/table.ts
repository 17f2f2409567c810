import type { Result } from './run.ts';

const HEAD = ['attack', 'answered', 'memory before → peak', 'CPU', 'likes', 'late', 'never', 'survived'];

/** Returns the results as a Markdown table, followed by the reasons of failures. */
export function resultsTable(results: readonly Result[]): string {
	const rows = results.map(({ attack, outcome, memoryBefore, memoryPeak, cpuSeconds, seconds, seen, failures }) => [
		attack.name,
		outcome,
		`${megabytes(memoryBefore)} → ${megabytes(memoryPeak)} MB`,
		`${cpuSeconds.toFixed(1)} of ${seconds.toFixed(1)} s`,
		String(seen.sent),
		String(seen.late),
		String(seen.never),
		failures.length === 0 ? 'yes' : 'NO',
	]);
	const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
	const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
	const reasons = results.flatMap(({ attack, failures }) => failures.map((failure) => `${attack.name}: ${failure}`));
	return [line(HEAD), rule, ...rows.map(line), ...reasons].join('\n');
}

function megabytes(bytes: number): string {
	return (bytes / 1024 / 1024).toFixed(0);
}
