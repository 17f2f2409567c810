import { configDefaults } from 'vitest/config';
import config from './vitest.config.ts';

/** What `npm run test:long` runs: tests of files that end in `.long.test.ts`, one file at a time. */
export default {
	...config,
	test: {
		...config.test,
		include: ['**/*.long.test.ts'],
		exclude: configDefaults.exclude,
		// Guards against what never ends, for machines that do other work: no test waits for them to pass.
		testTimeout: 1_800_000,
		hookTimeout: 1_800_000,
		maxWorkers: 1,
		expect: { poll: { timeout: 300_000, interval: 20 } },
	},
};
