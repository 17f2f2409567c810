import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const GATEWAY = fileURLToPath(new URL('..', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A line of the shipping code, and what stands there instead: a mistake that somebody could make, or a trap for a test. */
export interface PlantedLine {
	/** A file below `gateway/src`. */
	readonly file: string;
	readonly line: string;
	readonly instead: string;
}

/** A new directory for builds with planted lines: below `node_modules`, so that native parts are found from there. */
export function makePlantedDirectory(): string {
	const cache = join(ROOT, 'node_modules/.cache');
	mkdirSync(cache, { recursive: true });
	return mkdtempSync(join(cache, 'planted-'));
}

/**
 * Bundles files of the gateway into a directory, each under its name with `.js`, with lines planted in them. Rejects when
 * a line does not stand in its file exactly once.
 *
 * @param entries files below `gateway`, by the name of what is built of each.
 */
export async function buildPlanted(
	entries: Readonly<Record<string, string>>,
	directory: string,
	lines: readonly PlantedLine[],
): Promise<void> {
	await build({
		entryPoints: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(GATEWAY, file)])),
		outdir: directory,
		bundle: true,
		platform: 'node',
		format: 'esm',
		logLevel: 'error',
		packages: 'external',
		alias: { '@likewire/protocol': join(ROOT, 'protocol/src/index.ts') },
		plugins: [plant(lines)],
	});
}

/** The simulation of a cluster built around code with a planted bug of some lines; without any, around the code as it is. */
export async function simulationWith(...bug: readonly PlantedLine[]): Promise<typeof import('./simulation.ts')> {
	return await bundleWith('simulation', bug);
}

/** The simulation of regions, in the same way. */
export async function regionsWith(...bug: readonly PlantedLine[]): Promise<typeof import('./regions.ts')> {
	return await bundleWith('regions', bug);
}

/** The simulation of who is there, in the same way. */
export async function presenceWith(...bug: readonly PlantedLine[]): Promise<typeof import('./presence.ts')> {
	return await bundleWith('presence', bug);
}

async function bundleWith<Module>(name: string, bug: readonly PlantedLine[]): Promise<Module> {
	const directory = makePlantedDirectory();
	try {
		await buildPlanted({ [name]: `simulation/${name}.ts` }, directory, bug);
		return await import(pathToFileURL(join(directory, `${name}.js`)).href);
	} finally {
		rmSync(directory, { recursive: true });
	}
}

/** Puts each line where it belongs, and makes sure that it stands there once. */
function plant(lines: readonly PlantedLine[]): Plugin {
	const pathOf = ({ file }: PlantedLine) => join(GATEWAY, 'src', file);
	return {
		name: 'plant',
		setup({ onLoad, onEnd }) {
			const planted = new Set<PlantedLine>();
			onLoad({ filter: /\.ts$/ }, ({ path }) => {
				const here = lines.filter((line) => pathOf(line) === path);
				if (here.length === 0) return undefined;
				let contents = readFileSync(path, 'utf8');
				for (const plan of here) {
					const parts = contents.split(plan.line);
					if (parts.length !== 2) {
						throw new Error(`${plan.file} has ${parts.length - 1} places, not one, for: ${plan.line}`);
					}
					contents = parts.join(plan.instead);
					planted.add(plan);
				}
				return { contents, loader: 'ts' };
			});
			onEnd(({ errors }) => {
				const missing = errors.length > 0 ? undefined : lines.find((line) => !planted.has(line));
				if (missing !== undefined) throw new Error(`${missing.file} is no part of what was built`);
			});
		},
	};
}
