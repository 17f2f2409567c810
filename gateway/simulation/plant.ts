import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const GATEWAY = fileURLToPath(new URL('..', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A mistake that somebody could make: a line of the shipping code, and what stands there instead. */
export interface PlantedBug {
	/** A file below `gateway/src`. */
	readonly file: string;
	readonly line: string;
	readonly instead: string;
}

/** The simulation built around code with a planted bug; without one, around the code as it is. */
export async function simulationWith(bug?: PlantedBug): Promise<typeof import('./simulation.ts')> {
	const cache = join(ROOT, 'node_modules/.cache');
	mkdirSync(cache, { recursive: true });
	// Below node_modules, so that the database's native part is found from there.
	const directory = mkdtempSync(join(cache, 'planted-'));
	const outfile = join(directory, 'simulation.mjs');
	try {
		await build({
			entryPoints: [join(GATEWAY, 'simulation/simulation.ts')],
			outfile,
			bundle: true,
			platform: 'node',
			format: 'esm',
			logLevel: 'error',
			external: ['better-sqlite3'],
			alias: { '@likewire/protocol': join(ROOT, 'protocol/src/index.ts') },
			plugins: bug === undefined ? [] : [plant(bug)],
		});
		return await import(pathToFileURL(outfile).href);
	} finally {
		rmSync(directory, { recursive: true });
	}
}

/** Puts the bug where its line stands, and makes sure that it stands there once. */
function plant({ file, line, instead }: PlantedBug): import('esbuild').Plugin {
	const path = join(GATEWAY, 'src', file);
	return {
		name: 'plant',
		setup({ onLoad }) {
			onLoad({ filter: /\.ts$/ }, (args) => {
				if (args.path !== path) return undefined;
				const parts = readFileSync(path, 'utf8').split(line);
				if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places for the bug, not one: ${line}`);
				return { contents: parts.join(instead), loader: 'ts' };
			});
		},
	};
}
