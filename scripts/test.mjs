import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './chromium.mjs';
import { buildIfStale, installIfStale } from './prepare.mjs';
import { conclude, ROOT, run, say } from './tasks.mjs';

const RESULTS = join(ROOT, 'test-results');

await installIfStale();
await buildIfStale();
const CHROMIUM_PATH = await findChromium();
rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS);

/** The report of a test runner; a runner that left none failed. */
function report(file) {
	try {
		return JSON.parse(readFileSync(join(RESULTS, file), 'utf8'));
	} catch {
		return undefined;
	}
}

say('Unit and integration tests …');
const unitCode = await run('vitest', [
	'run',
	'--reporter=default',
	'--reporter=json',
	`--outputFile.json=${join(RESULTS, 'unit.json')}`,
]);
const unit = report('unit.json') ?? { numPassedTests: 0, numFailedTests: 1 };

say('Tests in a real browser …');
const browserCode = await run('playwright', ['test', '--config', 'e2e/playwright.config.ts'], {
	env: { CHROMIUM_PATH, PLAYWRIGHT_JSON_OUTPUT_NAME: join(RESULTS, 'browser.json') },
});
const { stats } = report('browser.json') ?? { stats: { expected: 0, unexpected: 1, flaky: 0 } };

const passed = unit.numPassedTests + stats.expected;
const failed = unit.numFailedTests + stats.unexpected + stats.flaky;
// A runner can fail without a failing test: a file that does not load, a worker that dies.
conclude({ passed, failed: failed || Number(unitCode !== 0) + Number(browserCode !== 0) });
