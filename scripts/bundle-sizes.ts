import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { installPacked } from './packed-packages.ts';

/** The budgets of the packed SDK, with all its dependencies, in the bundle of a page, in bytes of gzip. */
const BUDGETS = {
	'core: createClient of @likewire/sdk': 9_850,
	'parts: writes, control of streams and explanations of failures, loaded next': 6_450,
	'tabs: sharing of a stream, loaded with the parts in a browser that can share': 2_400,
	'storage: reads the taps that earlier pages left': 500,
	'fallback: WebSocket and polling, for networks that block streams': 1_700,
	'past: reads timelines and highlights': 650,
	'a page that watches, and then likes: core, parts and tabs': 18_700,
	'a page whose browser cannot share: core and parts': 16_300,
	'all of @likewire/sdk/react, without the core': 3_000,
	'all of @likewire/sdk/hearts': 5_000,
	'the start of a worker for hearts, loaded by pages with the address of one': 900,
	'the worker for hearts': 4_000,
	'all of @likewire/sdk/element, without the core and hearts': 12_000,
	'comments: list and form of <likewire-comments>, loaded by it': 6_000,
	'sync: reactions at the moments that their likers saw, loaded by players with it': 1_500,
	'replay: hearts, totals, heat line and highlights of a recording, loaded by players of one': 3_500,
};

interface Bundle {
	/** The size of the files that a page loads at the start, in bytes of gzip. */
	readonly atOnce: number;
	/** The size of each file that the program may load later, by its name. */
	readonly later: ReadonlyMap<string, number>;
}

/** Bundles a program that imports installed packages with esbuild. */
async function bundle(program: string, directory: string): Promise<Bundle> {
	const { outputFiles, metafile } = await build({
		stdin: { contents: program, resolveDir: directory },
		bundle: true,
		minify: true,
		format: 'esm',
		splitting: true,
		metafile: true,
		write: false,
		outdir: '.',
		absWorkingDir: directory,
		external: ['react'],
	});
	const sizes = new Map(
		outputFiles.map(({ path, contents }) => [
			path.slice(directory.length + 1),
			gzipSync(contents, { level: 9 }).length,
		]),
	);
	const atOnce = new Set<string>();
	const load = (file: string): void => {
		if (atOnce.has(file)) return;
		atOnce.add(file);
		for (const { path, kind, external } of metafile.outputs[file]?.imports ?? []) {
			if (kind === 'import-statement' && !external) load(path);
		}
	};
	load('stdin.js');
	const sum = [...atOnce].reduce((total, file) => total + (sizes.get(file) ?? 0), 0);
	return { atOnce: sum, later: new Map([...sizes].filter(([file]) => !atOnce.has(file))) };
}

/** Returns the sizes of the files that load later. Throws for any other file, which would be one more request. */
function sizesOf(files: ReadonlyMap<string, number>, ...beginnings: string[]): number[] {
	const found = beginnings.map((beginning) => [...files].find(([file]) => file.startsWith(beginning))?.[1]);
	if (files.size === beginnings.length && found.every((size) => size !== undefined)) return found;
	throw new Error(`Expected ${beginnings.join(', ')} to load later, but found ${[...files.keys()].join(', ')}.`);
}

async function measure(directory: string): Promise<Record<keyof typeof BUDGETS, number>> {
	installPacked(['protocol', 'sdk'], directory);
	const core = await bundle("export { createClient } from '@likewire/sdk';", directory);
	const files = ['lazy-parts', 'lazy-tab-connection', 'lazy-left-taps', 'lazy-other-ways', 'lazy-timeline'];
	const [parts = 0, tabs = 0, storage = 0, fallback = 0, past = 0] = sizesOf(core.later, ...files);
	const all = await bundle("export * from '@likewire/sdk';", directory);
	const withHooks = await bundle("export * from '@likewire/sdk'; export * from '@likewire/sdk/react';", directory);
	const hearts = await bundle("export * from '@likewire/sdk/hearts';", directory);
	// The import of a page: a bundler that dropped what the entry does would leave next to nothing.
	const element = await bundle("import '@likewire/sdk/element';", directory);
	const beyondCore = element.atOnce - core.atOnce - hearts.atOnce;
	const partOf = (name: string) => [...element.later].find(([file]) => file.startsWith(`lazy-${name}`))?.[1] ?? 0;
	const [comments = 0, sync = 0, replay = 0] = ['comments', 'sync-pace', 'replay-pace'].map(partOf);
	if (beyondCore < 1_000 || Math.min(comments, sync, replay) === 0)
		throw new Error('A bundle of @likewire/sdk/element misses the elements.');
	const [workerStart = 0] = sizesOf(hearts.later, 'lazy-worker-renderer');
	const worker = await bundle("import '@likewire/sdk/hearts-worker.js';", directory);
	return {
		'core: createClient of @likewire/sdk': core.atOnce,
		'parts: writes, control of streams and explanations of failures, loaded next': parts,
		'tabs: sharing of a stream, loaded with the parts in a browser that can share': tabs,
		'storage: reads the taps that earlier pages left': storage,
		'fallback: WebSocket and polling, for networks that block streams': fallback,
		'past: reads timelines and highlights': past,
		'a page that watches, and then likes: core, parts and tabs': core.atOnce + parts + tabs,
		'a page whose browser cannot share: core and parts': core.atOnce + parts,
		'all of @likewire/sdk/react, without the core': withHooks.atOnce - all.atOnce,
		'all of @likewire/sdk/hearts': hearts.atOnce,
		'all of @likewire/sdk/element, without the core and hearts': beyondCore,
		'comments: list and form of <likewire-comments>, loaded by it': comments,
		'sync: reactions at the moments that their likers saw, loaded by players with it': sync,
		'replay: hearts, totals, heat line and highlights of a recording, loaded by players of one': replay,
		'the start of a worker for hearts, loaded by pages with the address of one': workerStart,
		'the worker for hearts': worker.atOnce,
	};
}

const directory = mkdtempSync(join(tmpdir(), 'likewire-sizes-'));
try {
	for (const [what, size] of Object.entries(await measure(directory))) {
		const budget = BUDGETS[what as keyof typeof BUDGETS];
		console.log(`${size} of ${budget} bytes: ${what}`);
		if (size > budget) process.exitCode = 1;
	}
} finally {
	rmSync(directory, { recursive: true, force: true });
}
