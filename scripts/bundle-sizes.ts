import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { installPacked } from './packed-packages.ts';

/** What the packed SDK, with all its dependencies, may add to the bundle of a page, in bytes of gzip. */
const BUDGETS = {
	'createClient of @likewire/sdk': 11_700,
	'what a page loads next: writes, tabs, and why there is no stream': 5_800,
	'all of @likewire/sdk/react, beside the core': 3_000,
	'all of @likewire/sdk/hearts': 3_500,
};

interface Bundle {
	/** The files that a page loads to run the program, in bytes of gzip. */
	readonly atOnce: number;
	/** Each file that the program may load later, by the name of its source. */
	readonly later: ReadonlyMap<string, number>;
}

/** What esbuild makes of a program that imports installed packages. */
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

/** The size of the file whose name begins so; a file that is not there would fit any budget. */
function sizeOf(files: ReadonlyMap<string, number>, beginning: string): number {
	const found = [...files].filter(([file]) => file.startsWith(beginning));
	if (found.length !== 1) throw new Error(`${found.length} files ${beginning}* in ${[...files.keys()].join(', ')}`);
	return found[0]?.[1] ?? 0;
}

async function measure(directory: string): Promise<Record<keyof typeof BUDGETS, number>> {
	installPacked(['protocol', 'sdk'], directory);
	const core = await bundle("export { createClient } from '@likewire/sdk';", directory);
	const all = await bundle("export * from '@likewire/sdk';", directory);
	const withHooks = await bundle("export * from '@likewire/sdk'; export * from '@likewire/sdk/react';", directory);
	const hearts = await bundle("export * from '@likewire/sdk/hearts';", directory);
	return {
		'createClient of @likewire/sdk': core.atOnce,
		'what a page loads next: writes, tabs, and why there is no stream': sizeOf(core.later, 'lazy-parts'),
		'all of @likewire/sdk/react, beside the core': withHooks.atOnce - all.atOnce,
		'all of @likewire/sdk/hearts': hearts.atOnce,
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
