import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './chromium.mjs';
import { buildIfStale, installIfStale } from './prepare.mjs';
import { runVitest } from './run-vitest.mjs';
import { conclude, print, ROOT, run } from './tasks.mjs';

const RESULTS = join(ROOT, 'test-results');

await installIfStale();
await buildIfStale();
const CHROMIUM_PATH = await findChromium();
rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS);

/** Reads the report of a test runner; undefined when it wrote none. */
function report(file) {
	try {
		return JSON.parse(readFileSync(join(RESULTS, file), 'utf8'));
	} catch {
		return undefined;
	}
}

print('Unit and integration tests …');
const unit = await runVitest(['run'], join(RESULTS, 'unit.json'));

print('Tests in a real browser …');
const browserCode = await run('playwright', ['test', '--config', 'e2e/playwright.config.ts'], {
	env: { CHROMIUM_PATH, PLAYWRIGHT_JSON_OUTPUT_NAME: join(RESULTS, 'browser.json') },
});
const { stats } = report('browser.json') ?? { stats: { expected: 0, unexpected: 1, flaky: 0 } };

// A run can fail without a failing test, when a file does not load or a worker dies.
const failedInBrowser = stats.unexpected + stats.flaky || Number(browserCode !== 0);
conclude({ passed: unit.passed + stats.expected, failed: unit.failed + failedInBrowser });
