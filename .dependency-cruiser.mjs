/** Imports run one way. docs/ARCHITECTURE.md says why. */
const forbid = (name, from, to, comment) => ({
	name,
	severity: 'error',
	from: { path: from },
	to: { path: to },
	comment,
});

/**
 * The folders of `gateway/src`, and the files beside them, from the top down. A file imports from its own folder and from
 * layers below, never from the same layer or from above.
 */
const LAYERS = [
	['main', 'store-command', 'worker'],
	['app', 'worker-app', 'worker-host', 'listeners', 'node-routes', 'node', 'node-parts', 'shutdown'],
	['api'],
	['regions', 'workers'],
	['dispatcher', 'frontend', 'ingest'],
	['config'],
	['cluster'],
	['socket'],
	['auth'],
	['outbox', 'store'],
	['http', 'state'],
	['process', 'runtime', 'version'],
];
const NAMES = LAYERS.flat();
const TESTS = '\\.test\\.ts$';
const pathOf = (names) => `^gateway/src/(${names.join('|')})(/|\\.ts$)`;

/** Forbids each folder the layers above it and the others of its own. The files that put a node together know each other. */
const layerRules = LAYERS.flatMap((names, layer) =>
	names.map((name) => {
		const beside = layer <= 1 ? [] : names.filter((other) => other !== name);
		const forbidden = [...LAYERS.slice(0, layer).flat(), ...beside];
		return {
			name: `layer-of-${name}`,
			severity: 'error',
			from: { path: pathOf([name]), pathNot: TESTS },
			to: { path: pathOf(forbidden.length === 0 ? ['nothing-is-above'] : forbidden) },
		};
	}),
);

export default {
	forbidden: [
		{
			name: 'no-cycles',
			severity: 'error',
			from: {},
			to: { circular: true },
		},
		{
			name: 'no-unresolved',
			severity: 'error',
			from: {},
			// Apps bring it; its types here are those of `react-native.d.ts`.
			to: { couldNotResolve: true, pathNot: '^react-native$' },
		},
		forbid(
			'protocol-imports-nothing',
			'^protocol/src/(?!.*\\.test\\.ts)',
			'^(?!protocol/src)',
			'The wire names stand alone.',
		),
		forbid(
			'sdk-imports-protocol',
			'^sdk/src',
			'^(gateway|demo-app|local-cluster|e2e|bench)/',
			'The SDK knows the server by its protocol.',
		),
		forbid(
			'server-imports-protocol',
			'^server/src/(?!.*\\.test\\.ts)',
			'^(sdk|gateway|demo-app|local-cluster|e2e|bench)/',
			'It knows the gateway by its protocol.',
		),
		forbid('hearts-stand-alone', '^sdk/src/hearts/', '^sdk/src/(?!hearts/)', 'The renderer works without a client.'),
		forbid(
			'demo-uses-public-entries',
			'^demo-app/src',
			'^(gateway/|protocol/|sdk/src/(?!(hearts/)?index\\.ts))',
			"Only the SDK's public entries.",
		),
		forbid(
			'gateway-imports-protocol',
			'^gateway/src',
			'^(sdk|demo-app|local-cluster|e2e|bench)/',
			'The server knows clients by its protocol.',
		),
		forbid(
			'embed-uses-public-entries',
			'^gateway/embed/',
			'^(gateway/src/|protocol/|demo-app/|sdk/src/(?!element/index\\.ts))',
			'A page of a browser, for which the gateway serves the elements.',
		),
		...layerRules,
		{
			name: 'every-folder-has-a-layer',
			severity: 'error',
			from: { path: '^gateway/src/', pathNot: [pathOf(NAMES), TESTS] },
			to: {},
			comment: 'A new folder gets its place in LAYERS.',
		},
		forbid(
			'parts-know-no-configuration',
			'^gateway/src/(?!(main|store-command|app|worker-app|worker-host|listeners|node-routes|node|node-parts|shutdown)\\.ts|(api|regions|config)/)(?!.*\\.test\\.ts)',
			'^gateway/src/config/',
			'They take plain options, so that a test or another program can make them.',
		),
		forbid('state-does-no-io', '^gateway/src/(state|outbox)/(?!.*\\.test\\.ts)', '^node:', 'State machines only.'),
		forbid(
			'local-cluster-stands-alone',
			'^local-cluster/',
			'^(sdk|demo-app|e2e|bench)/',
			'Tests and benchmarks start clusters with it.',
		),
		forbid('bench-knows-no-tests', '^bench/', '^e2e/', 'Both use the launcher of the cluster.'),
		{
			name: 'uws-stays-at-the-edge',
			severity: 'error',
			from: { path: '^gateway/src', pathNot: '^gateway/src/(http/|.*/uws-[a-z-]+\\.ts)' },
			to: { path: 'uWebSockets' },
			comment: 'The server library can be replaced.',
		},
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		exclude: { path: '(^|/)dist/' },
		tsConfig: { fileName: 'tsconfig.json' },
		tsPreCompilationDeps: true,
		enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
	},
};
