import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { compileSwitches, markersIn, type Switch } from './markers.ts';
import type { Mutants } from './mutant.ts';

const GATEWAY = fileURLToPath(new URL('../..', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The module that compiled switches read. A simulation chooses a mutant by name, a process by its
 * environment.
 */
const SWITCHBOARD = `
import { existsSync } from 'node:fs';
export let mutant = process.env.DRILL_MUTANT;
export const choose = (name) => { mutant = name; };
export const isSet = (failpoint) => existsSync(process.env.DRILL_FAILPOINTS + '/' + failpoint);
export const die = () => process.kill(process.pid, 'SIGKILL');
export function replacedPart(text, part, by) {
	if (!text.includes(part)) throw new Error('a mutant replaces what does not occur: ' + part);
	return text.replaceAll(part, by);
}
`;
const READS = `\nimport { mutant, isSet, die, replacedPart } from 'switchboard';\n`;

/** Returns the switches of a list of mutants. */
export function switchesOf(mutants: Mutants): Switch[] {
	return Object.entries(mutants).flatMap(([name, { changes }]) =>
		Object.entries(changes).map(([marker, operator]) => ({
			marker: `mutant: ${marker}`,
			condition: `mutant === ${JSON.stringify(name)}`,
			operator,
		})),
	);
}

/**
 * Makes a directory for builds with switches: below `node_modules`, so that Node finds native modules
 * from there.
 */
export function makeBuildDirectory(): string {
	const cache = join(ROOT, 'node_modules/.cache');
	mkdirSync(cache, { recursive: true });
	return mkdtempSync(join(cache, 'mutants-'));
}

/**
 * Bundles files of the gateway, with switches compiled in, into a directory, each under its name with
 * `.js`. Rejects when a marker of a switch is not in exactly one place.
 *
 * @param entries source texts by the names of their bundles; they import files by their paths below `gateway`.
 */
export async function buildWithSwitches(
	entries: Readonly<Record<string, string>>,
	directory: string,
	switches: readonly Switch[],
): Promise<void> {
	await build({
		entryPoints: Object.fromEntries(Object.keys(entries).map((name) => [name, `entry:${name}`])),
		outdir: directory,
		bundle: true,
		platform: 'node',
		format: 'esm',
		logLevel: 'silent',
		packages: 'external',
		alias: { '@likewire/protocol': join(ROOT, 'protocol/src/index.ts') },
		plugins: [compileIn(entries, switches)],
	});
}

/**
 * Builds `simulation/scenarios/<name>.ts` with all mutants of a list in it. Its `choose` switches one
 * on.
 */
export async function buildSimulation<Simulation>(
	name: string,
	mutants: Mutants,
): Promise<Simulation & { choose(mutant: string | undefined): void }> {
	const directory = makeBuildDirectory();
	try {
		const entry = `export * from './simulation/scenarios/${name}.ts'; export { choose } from 'switchboard';`;
		await buildWithSwitches({ [name]: entry }, directory, switchesOf(mutants));
		return await import(pathToFileURL(join(directory, `${name}.js`)).href);
	} finally {
		rmSync(directory, { recursive: true });
	}
}

function compileIn(entries: Readonly<Record<string, string>>, switches: readonly Switch[]): Plugin {
	const wanted = new Set(switches.map(({ marker }) => marker));
	return {
		name: 'switches',
		setup({ onResolve, onLoad, onEnd }) {
			const places = new Map<string, string[]>();
			onResolve({ filter: /^entry:/ }, ({ path }) => ({ path: path.slice('entry:'.length), namespace: 'entry' }));
			onLoad({ filter: /.*/, namespace: 'entry' }, ({ path }) => ({
				contents: entries[path] ?? '',
				resolveDir: GATEWAY,
			}));
			onResolve({ filter: /^switchboard$/ }, () => ({ path: 'switchboard', namespace: 'switchboard' }));
			onLoad({ filter: /.*/, namespace: 'switchboard' }, () => ({ contents: SWITCHBOARD }));
			onLoad({ filter: /\.ts$/, namespace: 'file' }, ({ path }) => {
				if (!path.startsWith(join(GATEWAY, 'src'))) return undefined;
				const source = readFileSync(path, 'utf8');
				const file = relative(GATEWAY, path);
				const here = markersIn(source).filter(({ name }) => wanted.has(name));
				if (here.length === 0) return undefined;
				for (const { name } of here) places.set(name, [...(places.get(name) ?? []), file]);
				return { contents: compileSwitches(file, source, switches) + READS, loader: 'ts' };
			});
			onEnd(({ errors }) => {
				if (errors.length > 0) return;
				for (const marker of wanted) {
					const files = places.get(marker) ?? [];
					if (files.length === 0) throw new Error(`no file of the build has the marker '${marker}'`);
					if (files.length > 1) throw new Error(`the marker '${marker}' is in several places: ${files.join(', ')}`);
				}
			});
		},
	};
}
