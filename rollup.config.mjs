import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { dts } from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';
import { pages } from './demo-app/rollup-plugin-pages.mjs';

const TARGET = 'es2022';
const typescript = esbuild({ target: TARGET, tsconfig: false });
/** 6 % smaller gzipped than what esbuild makes of the SDK. The properties with an underscore are those of a dependency alone. */
const minify = (module = true) =>
	terser({
		ecma: 2020,
		// In a script the names at the top are global: with this, `Likewire` would be none.
		module,
		compress: { passes: 5, hoist_props: true, pure_getters: true },
		mangle: { properties: { regex: /^_[a-z]/ } },
	});
const external = [/^@likewire\//, /^node:/, 'nanoevents', 'react', 'react-native'];
const gatewayExternal = [
	...external,
	'better-sqlite3',
	'jose',
	'pg',
	'pino',
	'pino-pretty',
	'uWebSockets.js',
	'undici',
	'zod',
];

/** What the SDK never calls of reconnecting-eventsource, and the advice of an error that it never meets: 0.15 kB of a page. */
const UNUSED = [/\n {4}removeEventListener\([\s\S]*?\n {4}\}(?=\n\})/, /'EventSource not available[\s\S]*?(?=\);)/];

/**
 * reconnecting-eventsource without its helpers for ES5, which no browser of ours needs: 0.7 kB less in a page. Its package
 * exports no such file, so a bundler of a page cannot take it: ours holds it.
 */
const modernEventSource = {
	name: 'modern-event-source',
	resolveId(id) {
		if (id !== 'reconnecting-eventsource') return null;
		return createRequire(import.meta.url)
			.resolve(id)
			.replace(/build.src/, 'build/esnext');
	},
	transform(code, id) {
		if (!/esnext.reconnecting-eventsource\.js$/.test(id)) return null;
		return UNUSED.reduce((text, unused) => {
			if (!unused.test(text)) this.error(`reconnecting-eventsource has changed: ${unused} is not in it.`);
			return text.replace(unused, '');
		}, code);
	},
};

const esm = (dir, ending = 'js') => ({
	dir,
	format: 'es',
	entryFileNames: `[name].${ending}`,
	// What an entry imports at once counts as a part of it; what is loaded when it is needed has a name of its own.
	chunkFileNames: ({ isDynamicEntry }) => (isDynamicEntry ? `lazy-[name]-[hash].${ending}` : `chunk-[hash].${ending}`),
	hoistTransitiveImports: false,
	// Bundlers of React Server Components leave what comes after it to browsers.
	banner: ({ name }) => (name === 'react' ? "'use client';" : ''),
});

/** What defines the elements stays in their entry, the one file whose side effects bundlers keep: see sdk/package.json. */
const elementsApart = {
	manualChunks: (id) =>
		/src.element.(base|hearts|reactions|player|pace.program-time|comments.comments-element)/.test(id)
			? 'elements'
			: undefined,
	onlyExplicitManualChunks: true,
};

const HLS_FILE = 'lazy-hls.js';

/**
 * Copies the minified hls.js beside the entries: only players of HLS streams load it, and no build has to parse it. Its
 * licence asks for a notice.
 */
const hls = {
	name: 'hls',
	resolveId: (id) => (id === 'hls.js' ? { id: 'likewire:hls', external: true } : null),
	renderChunk: (code) =>
		code.includes('likewire:hls') ? { code: code.replace('likewire:hls', `./${HLS_FILE}`), map: null } : null,
	generateBundle(_, bundle) {
		if (!Object.values(bundle).some(({ dynamicImports }) => dynamicImports?.includes('likewire:hls'))) return;
		const file = createRequire(new URL('sdk/package.json', import.meta.url)).resolve('hls.js/dist/hls.min.mjs');
		const source = readFileSync(file, 'utf8').replace(/\/\/# sourceMappingURL.*/, '');
		const notice = '/*! hls.js, Apache-2.0, https://github.com/video-dev/hls.js/blob/master/LICENSE */\n';
		this.emitFile({ type: 'asset', fileName: HLS_FILE, source: notice + source });
	},
};

/** Types are no code: TypeScript refuses a directive in them, and people read the names that entries share. */
const types = (dir, ending) => ({ ...esm(dir, ending), banner: undefined, minifyInternalExports: false });

const cjs = (dir) => ({ ...esm(dir, 'cjs'), format: 'cjs', exports: 'named' });

/**
 * A package for npm: ES modules that import their dependencies by name, CommonJS that holds them, since most are ES modules
 * alone and Jest cannot require those, and types for both.
 */
const npmPackage = (input, dir, dependencies = external, typed = input) => [
	{
		input,
		external: dependencies,
		plugins: [hls, modernEventSource, typescript],
		output: { ...esm(dir), ...elementsApart, sourcemap: true },
	},
	{
		input,
		external: [/^node:/, 'react', 'react-native'],
		plugins: [hls, modernEventSource, nodeResolve(), typescript],
		output: { ...cjs(dir), ...elementsApart },
	},
	{ input: typed, external: dependencies, plugins: [dts()], output: [types(dir, 'd.ts'), types(dir, 'd.cts')] },
];

/** The hooks, which import the core of a page, get that of an app. */
const nativeCore = {
	name: 'native-core',
	resolveId(source, importer) {
		if (source !== '../index.ts' || !/src.(react|comments).[\w-]+\.ts$/.test(importer)) return null;
		return fileURLToPath(new URL('sdk/src/react-native/core.ts', import.meta.url));
	},
};

/** Without it the folder's files would be ES modules to Node and Jest, as the package says of all that end in `.js`. */
const commonJsFolder = {
	name: 'common-js-folder',
	generateBundle(_, { 'react-native.js': entry }) {
		this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
		// The one entry that has no other build, for what imports it by name.
		const source = `export { ${entry.exports.join(', ')} } from './react-native.js';\n`;
		this.emitFile({ type: 'asset', fileName: 'react-native.mjs', source });
	},
};

/**
 * For Metro, which knows no file that ends in `.cjs`, and for Jest, which loads no ES module: CommonJS that holds what it needs.
 * What a page loads later is there at once, since an app has no server to load it from.
 */
const native = (input, dir) => ({
	input,
	external: ['react', 'react-native'],
	treeshake: { moduleSideEffects: false },
	plugins: [nativeCore, modernEventSource, nodeResolve(), typescript, commonJsFolder],
	output: {
		...cjs(dir),
		...{ entryFileNames: '[name].js', chunkFileNames: '[name].js' },
		manualChunks: (id) => (/src.(hearts|react)/.test(id) ? undefined : 'core'),
	},
});

/** Self-contained and minified, for pages without a bundler: `/sdk.js` and friends of a gateway. */
const browser = (input, output) => ({
	input,
	// What is loaded later may take what it needs from its entry: a chunk between the two would be one more request.
	preserveEntrySignatures: 'allow-extension',
	plugins: [hls, modernEventSource, nodeResolve({ browser: true }), typescript, minify(output.format !== 'iife')],
	output,
});

const sdkEntries = { index: 'sdk/src/index.ts', hearts: 'sdk/src/hearts/index.ts' };
/** They share the core in a chunk: a page that imports several loads it once. */
const pageEntries = { ...sdkEntries, react: 'sdk/src/react/index.ts' };
const sdkPackage = { ...pageEntries, element: 'sdk/src/element/index.ts' };
/** It has a build of its own: in the shared core, a page would load what an app has at once. */
const nativeEntry = { 'react-native': 'sdk/src/react-native/index.ts' };

export const protocol = npmPackage({ index: 'protocol/src/index.ts' }, 'protocol/dist');

export const sdk = [
	...npmPackage(sdkPackage, 'sdk/dist', external, { ...sdkPackage, ...nativeEntry }),
	native({ ...pageEntries, ...nativeEntry, index: 'sdk/src/react-native/core.ts' }, 'sdk/dist/react-native'),
	browser(
		{ sdk: sdkEntries.index, hearts: sdkEntries.hearts, element: 'sdk/src/element/tag.ts' },
		esm('sdk/dist/browser'),
	),
	// One file, which a page can host on its own origin.
	browser('sdk/src/hearts/worker.ts', { file: 'sdk/dist/browser/hearts-worker.js', format: 'es' }),
	browser(sdkEntries.index, {
		file: 'sdk/dist/browser/sdk.global.js',
		format: 'iife',
		name: 'Likewire',
		inlineDynamicImports: true,
	}),
];

export const server = npmPackage({ index: 'server/src/index.ts' }, 'server/dist', [...external, 'jose']);

export const gateway = [
	{
		input: {
			main: 'gateway/src/main.ts',
			worker: 'gateway/src/worker.ts',
			'sqlite-worker': 'gateway/src/store/sqlite/worker.ts',
		},
		external: gatewayExternal,
		plugins: [typescript],
		output: { ...esm('gateway/dist'), sourcemap: true },
	},
	// The script of /embed, beside the SDK that the same page loads.
	{
		input: 'gateway/embed/main.ts',
		plugins: [typescript, minify()],
		output: { file: 'gateway/dist/public/embed.js', format: 'es' },
	},
];

/** Every file but the pages themselves is named by its content: `assets/*` can be cached for ever. */
const hashed = 'assets/[name]-[hash]';

export const demo = [
	{
		input: { index: 'demo-app/src/index.ts' },
		// A file of the gateway that serves the page.
		external: ['/element.js'],
		plugins: [
			modernEventSource,
			nodeResolve({ browser: true }),
			typescript,
			minify(),
			pages({ pagesDir: 'demo-app/pages', stylesDir: 'demo-app/styles', assetsDir: 'demo-app/assets' }),
		],
		output: {
			dir: 'demo-app/dist',
			format: 'es',
			entryFileNames: `${hashed}.js`,
			chunkFileNames: `${hashed}.js`,
			assetFileNames: `${hashed}[extname]`,
		},
	},
];

export default [...protocol, ...sdk, ...server, ...gateway, ...demo];
