import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { run } from './tasks.mjs';

/** Runs Vitest, and counts its tests by its report. A run without a report failed. */
export async function runVitest(args, report) {
	rmSync(report, { force: true });
	mkdirSync(dirname(report), { recursive: true });
	const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
	const code = await run('vitest', [...args, ...reporters]);
	const { numPassedTests: passed, numFailedTests: failed } = read(report) ?? { numPassedTests: 0, numFailedTests: 1 };
	// A run can fail without a failing test, when a file does not load or a worker dies.
	return { passed, failed: failed || Number(code !== 0) };
}

function read(file) {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return undefined;
	}
}
