import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf, reportOf } from './api-report.ts';
import { ROOT } from './packed-packages.ts';

const REPORTS = join(ROOT, 'docs/api');
const entries = ['protocol', 'sdk', 'server'].flatMap((name) => entriesOf(join(ROOT, name)));
const files = new Set(entries.map(({ types }) => types));
const reports = new Map(entries.map(({ name, types, report }) => [report, { name, text: reportOf(types, files) }]));
const written = existsSync(REPORTS) ? readdirSync(REPORTS) : [];

/** Describes each difference between the surface of an entry and its report. */
function differences(): string[] {
	const changed = [...reports].flatMap(([report, { name, text }]) => {
		if (!written.includes(report)) return [`${name} has no report.`];
		const before = readFileSync(join(REPORTS, report), 'utf8');
		return before === text ? [] : [`The surface of ${name} changed.${changesOf(before, text)}`];
	});
	const gone = written
		.filter((report) => !reports.has(report))
		.map((report) => `docs/api/${report} belongs to no entry.`);
	return [...changed, ...gone];
}

/** Returns the lines that only one of two texts has. */
function changesOf(before: string, after: string): string {
	const [old, now] = [before.split('\n'), after.split('\n')];
	const [without, added] = [old.filter((line) => !now.includes(line)), now.filter((line) => !old.includes(line))];
	return [...without.map((line) => `\n- ${line}`), ...added.map((line) => `\n+ ${line}`)].join('');
}

if (process.argv.includes('--check')) {
	for (const difference of differences()) {
		console.error(difference);
		process.exitCode = 1;
	}
	if (process.exitCode === 1) console.error('If the change is intended, run `npm run api` and commit docs/api.');
} else {
	rmSync(REPORTS, { recursive: true, force: true });
	mkdirSync(REPORTS, { recursive: true });
	for (const [report, { text }] of reports) writeFileSync(join(REPORTS, report), text);
}
