import { defineConfig } from '@playwright/test';
import { LAUNCH_OPTIONS } from './support/launch-options.ts';

export default defineConfig({
	testDir: 'tests',
	outputDir: '../test-results/browser',
	// Guards for busy machines: no test waits until a timeout.
	timeout: 240_000,
	expect: { timeout: 60_000 },
	// Most tests wait for processes that start, stop or time out.
	workers: 3,
	retries: 0,
	forbidOnly: process.env.CI !== undefined,
	reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['list'], ['json']] : [['list']],
	use: {
		screenshot: 'only-on-failure',
		launchOptions: LAUNCH_OPTIONS,
	},
});
