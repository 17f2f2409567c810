import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** A Chromium of this machine, if there is one; otherwise Playwright takes its own. `npm test` finds or installs one. */
const executablePath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium'].find((file) => file && existsSync(file));

export default defineConfig({
	testDir: 'tests',
	outputDir: '../test-results/browser',
	// Guards against what never ends, for machines that do other work: no test waits for them to pass.
	timeout: 240_000,
	expect: { timeout: 60_000 },
	workers: 1,
	retries: 0,
	forbidOnly: process.env.CI !== undefined,
	reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['list'], ['json']] : [['list']],
	use: {
		screenshot: 'only-on-failure',
		launchOptions: {
			...(executablePath && { executablePath }),
			// Root, which CI is, gets no sandbox; and a browser that phones home would be seen as the page doing so.
			args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
		},
	},
});
