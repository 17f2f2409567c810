/** Imports run one way: main → app → tiers → delivery, store, cluster, http → leaves. docs/ARCHITECTURE.md says why. */
const forbid = (name, from, to, comment) => ({
	name,
	severity: 'error',
	from: { path: from },
	to: { path: to },
	comment,
});
const TIERS = '^gateway/src/(likes|dispatcher|frontend)/';

export default {
	forbidden: [
		{
			name: 'no-cycles',
			severity: 'error',
			from: { pathNot: '^gateway/simulation/' },
			to: { circular: true },
		},
		{
			name: 'no-cycles-at-run-time',
			severity: 'error',
			from: { path: '^gateway/simulation/' },
			to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
			comment: 'A simulated node and its roles name each other as types; nothing is left of that when they run.',
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
			'only-main-imports-app',
			'^gateway/src/(?!main\\.ts|app\\.test\\.ts)',
			'^gateway/src/(main|app)\\.ts$',
			"The top is nobody's part.",
		),
		{
			name: 'tiers-stay-apart',
			severity: 'error',
			from: { path: '^gateway/src/(likes|dispatcher|frontend)/', pathNot: '\\.test\\.ts$' },
			to: { path: TIERS, pathNot: '^gateway/src/$1/' },
			comment: 'They meet in app.ts only, so that each can run on a node of its own.',
		},
		forbid(
			'below-the-tiers',
			'^gateway/src/(delivery|store|cluster|http|regions)/',
			TIERS,
			'Lower layers do not know the tiers.',
		),
		forbid(
			'cluster-knows-no-regions',
			'^gateway/src/(delivery|store|cluster|http)/(?!.*\\.test\\.ts)',
			'^gateway/src/regions/',
			'Regions are clusters that talk; a cluster alone has a relay that takes nothing.',
		),
		forbid(
			'configuration-knows-no-tiers',
			'^gateway/src/(config|settings|setting-schemas|command-line)\\.ts',
			TIERS,
			'A tier gets its own few values.',
		),
		forbid(
			'parts-know-no-configuration',
			'^gateway/src/([a-z]+/|writers|peer-sources)(?!.*\\.test\\.ts)',
			'^gateway/src/(config|settings|setting-schemas)\\.ts',
			'They take plain options, so that a test or another program can make them.',
		),
		forbid(
			'delivery-does-no-io',
			'^gateway/src/delivery/(?!.*\\.test\\.ts)',
			'^(node:|gateway/src/(store|cluster|http)/)',
			'State machines only.',
		),
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
			from: { path: '^gateway/src', pathNot: '^gateway/src/(app\\.ts|http/|[a-z]+/(routes|uws-[a-z-]+)\\.ts)' },
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
