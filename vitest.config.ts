import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
	resolve: {
		alias: [
			{ find: /^@likewire\/protocol$/, replacement: source('protocol/src/index.ts') },
			{ find: /^@likewire\/sdk\/hearts$/, replacement: source('sdk/src/hearts/index.ts') },
			{ find: /^@likewire\/sdk\/element$/, replacement: source('sdk/src/element/index.ts') },
			{ find: /^@likewire\/sdk\/react$/, replacement: source('sdk/src/react/index.ts') },
			{ find: /^@likewire\/sdk$/, replacement: source('sdk/src/index.ts') },
			{ find: /^@likewire\/server$/, replacement: source('server/src/index.ts') },
		],
	},
	test: {
		include: ['{protocol,sdk,server,gateway,demo-app,local-cluster,bench,e2e,scripts}/**/*.test.ts'],
		// `npm run test:long` runs these.
		exclude: [...configDefaults.exclude, '**/*.long.test.ts'],
		// uWebSockets.js is a native addon bound to one event loop: processes, not threads. Each runs many files, and
		// loads their modules once.
		pool: 'forks',
		isolate: false,
		// Guards against what never ends, for machines that do other work: no test waits for them to pass.
		testTimeout: 120_000,
		hookTimeout: 120_000,
		maxWorkers: 4,
		expect: { poll: { timeout: 60_000, interval: 10 } },
		// uWebSockets.js reads it once, as it loads; main.ts sets the same.
		env: { UWS_HTTP_MAX_HEADERS_SIZE: '32768' },
	},
});
