import { configDefaults } from 'vitest/config';
import config from './vitest.config.ts';

/** What `npm run test:long` runs: tests of files that end in `.long.test.ts`, one file at a time. */
export default {
	...config,
	test: {
		...config.test,
		include: ['**/*.long.test.ts'],
		exclude: configDefaults.exclude,
		testTimeout: 600_000,
		hookTimeout: 600_000,
		maxWorkers: 1,
	},
};
