import { pinningText } from '../processes/pinning.ts';
import type { Comparison } from './compare-runs.ts';
import { changeText, spreadText } from './comparison-text.ts';
import { readable } from './readable.ts';
import type { RunFile } from './run-file.ts';
import { groupRuns, type RunGroup } from './run-groups.ts';
import { type FigureSummary, summarize } from './summary.ts';
import { relationText, targetText } from './table.ts';

/** A plot as a file beside the report. */
export interface PlotFile {
	readonly scenario: string;
	readonly title: string;
	/** Its name in the directory of the report. */
	readonly file: string;
}

/** Returns the report of a run in Markdown. */
export function markdownReport(run: RunFile, comparisons: readonly Comparison[], plots: readonly PlotFile[]): string {
	const groups = groupRuns(run);
	const sections = groups.flatMap((group, index) => {
		const isLast = groups[index + 1]?.scenario !== group.scenario;
		const shown = isLast ? plots.filter(({ scenario }) => scenario === group.scenario) : [];
		return [...groupSection(group), ...shown.map(({ title, file }) => `![${text(title)}](${file})`)];
	});
	return `${[`# Benchmark of ${run.at}`, conditions(run), ...sections, ...comparisons.flatMap(comparisonSection)].join('\n\n')}\n`;
}

function conditions({ command, machine, client, ownNetwork, pinning, gateways }: RunFile): string {
	const { cpu, cores, memoryGiB, system, node, syncMs, congestionControl = 'unknown' } = machine;
	return table(
		['', ''],
		[
			['command', `\`npm run bench -- ${command.join(' ')}\``],
			['machine', `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}`],
			['Node', node],
			['write and sync of a page', `${syncMs} ms`],
			['viewers', `in ${client.language === 'c' ? 'C' : 'Node'}${client.gzip ? ', with gzip' : ''}`],
			[
				'network',
				`${ownNetwork ? 'its own namespace' : 'that of the machine'}, congestion control ${congestionControl}`,
			],
			['cores', pinningText(pinning)],
			...gateways.map(({ name, file }) => [name, `\`${file}\``]),
		],
	);
}

function groupSection({ scenario, gateway, runs }: RunGroup): string[] {
	const summaries = summarize(runs.map(({ result }) => result));
	const checks = runs.flatMap(({ result }) => result.checks);
	const failed = checks.filter(({ ok }) => !ok);
	const settings = [
		...new Set(
			runs.map(({ settings: { viewers, seconds, quick } }) => {
				return `${readable(viewers).replace('.0', '')} viewers at most, ${seconds} s${quick ? ', `--quick`: not for comparisons' : ''}`;
			}),
		),
	];
	return [
		`## ${scenario}${gateway === undefined ? '' : `: ${text(gateway)}`}`,
		`${runs.length === 1 ? 'One run' : `${runs.length} runs`}, ${settings.join('; ')}.`,
		...(summaries.length > 0 ? [figures(summaries)] : ['No figures.']),
		...(checks.length === 0 ? [] : [`${checks.length - failed.length} of ${checks.length} checks hold.`]),
		...failed.map(({ label, detail }) => `- **WRONG** ${text(label)}: ${text(detail)}`),
	];
}

function figures(summaries: readonly FigureSummary[]): string {
	const hasFloor = summaries.some(({ basis }) => basis === 'the floor');
	const head = ['figure', 'median', 'lowest', 'highest', 'unit', 'target', ...(hasFloor ? [''] : [])];
	const rows = summaries.map(({ key, median, lowest, highest, unit, target, basis, related }) => [
		...[key, readable(median), readable(lowest), readable(highest), unit, targetText(unit, target)],
		...(hasFloor ? [relationText({ basis, related })] : []),
	]);
	return table(head, rows);
}

function comparisonSection({ names, compared, differences }: Comparison): string[] {
	const [before, after] = names;
	return [
		`## ${text(before)} → ${text(after)}`,
		'Rates are shares of the floor of the same run, and times are turns of it, where the scenario has a floor; otherwise the ' +
			'figures are as measured. ▲ and ▼: the two spreads have no value in common.',
		...differences.map((difference) => `- not the same conditions: ${text(difference)}`),
		...compared.flatMap(({ scenario, figures, unmatched, differences: loads }) => [
			`### ${scenario}: ${text(before)} → ${text(after)}`,
			table(
				['figure', before, after, 'change', '', 'of each round', 'as'],
				figures.map(({ key, unit, basis, before: from, after: to, change, moved, pairs }) => [
					...[key, spreadText(from), spreadText(to), changeText(change)],
					moved ? (change < 1 ? '▼' : '▲') : '',
					pairs === undefined ? '' : `${changeText(pairs.lowest)} – ${changeText(pairs.highest)}`,
					basis === 'plain' || basis === 'the floor' ? unit : basis,
				]),
			),
			...loads.map((difference) => `- not the same load: ${text(difference)}`),
			...unmatched.map((key) => `- only on one side: ${text(key)}`),
		]),
	];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.map(text).join(' | ')} |`;
	return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Escapes what would end a cell of a table. */
function text(cell: string): string {
	return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
