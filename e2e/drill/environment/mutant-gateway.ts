import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWithSwitches, makeBuildDirectory, switchesOf } from '../../../gateway/simulation/mutants/build.ts';
import { DRILL, type Failpoint, failpoints, switchesOfFailpoints } from '../../../gateway/simulation/mutants/drill.ts';

const PACKAGE = fileURLToPath(new URL('../../../gateway/package.json', import.meta.url));

/** The source of each file that is built, by its name. */
const ENTRIES = {
	main: `import './src/main.ts';`,
	'sqlite-worker': `import './src/store/sqlite-worker.ts';`,
};

/** A gateway that is built with failpoints and mutants. The shipped one has none of them. */
export interface MutantGateway {
	/** Its main file. */
	readonly file: string;
	/** What its processes need in their environment. */
	readonly env: Readonly<Record<string, string>>;
	/** From now on a node dies at the failpoint. */
	set(failpoint: Failpoint): void;
	/** From now on nodes die at no failpoint. */
	clear(): void;
	/** Removes what was built; may be called twice. */
	remove(): void;
}

/**
 * Builds a gateway that can be made to die where it hurts, with a mutant of {@link DRILL} switched on if one is named.
 * Rejects when a marker does not stand in the code.
 */
export async function buildMutantGateway(mutant?: string): Promise<MutantGateway> {
	if (mutant !== undefined && !Object.hasOwn(DRILL, mutant)) throw new Error(`no mutant of the drill is '${mutant}'`);
	const directory = makeBuildDirectory();
	const setFailpoints = mkdtempSync(join(directory, 'failpoints-'));
	const remove = () => {
		rmSync(directory, { recursive: true, force: true });
		process.off('exit', remove);
	};
	process.once('exit', remove);
	try {
		await buildWithSwitches(ENTRIES, join(directory, 'dist'), [...switchesOfFailpoints(), ...switchesOf(DRILL)]);
		// A gateway reads its version beside its code.
		copyFileSync(PACKAGE, join(directory, 'package.json'));
	} catch (error) {
		remove();
		throw error;
	}
	return {
		file: join(directory, 'dist/main.js'),
		env: { DRILL_FAILPOINTS: setFailpoints, ...(mutant !== undefined && { DRILL_MUTANT: mutant }) },
		set: (failpoint) => writeFileSync(join(setFailpoints, failpoint), ''),
		clear() {
			for (const failpoint of failpoints) {
				const file = join(setFailpoints, failpoint);
				if (existsSync(file)) rmSync(file);
			}
		},
		remove,
	};
}
