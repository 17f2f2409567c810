import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWithSwitches, makeBuildDirectory, switchesOf } from '../../../gateway/simulation/mutants/build.ts';
import { DRILL, type Failpoint, failpoints, switchesOfFailpoints } from '../../../gateway/simulation/mutants/drill.ts';

const PACKAGE = fileURLToPath(new URL('../../../gateway/package.json', import.meta.url));

/** The source of each built file, by its name. */
const ENTRIES = {
	main: `import './src/main.ts';`,
	'sqlite-worker': `import './src/store/sqlite/worker.ts';`,
};

/** A gateway that is built with failpoints and mutants. The shipped gateway has neither. */
export interface MutantGateway {
	/** Its main file. */
	readonly file: string;
	/** The environment variables of its processes. */
	readonly env: Readonly<Record<string, string>>;
	/** Activates a failpoint: a node that reaches it dies. */
	set(failpoint: Failpoint): void;
	/** Deactivates all failpoints. */
	clear(): void;
	/** Removes the build. A second call does nothing. */
	remove(): void;
}

/**
 * Builds a gateway with failpoints, and with a mutant of {@link DRILL} active if one is named.
 * Rejects when the code does not have one of the markers.
 */
export async function buildMutantGateway(mutant?: string): Promise<MutantGateway> {
	if (mutant !== undefined && !Object.hasOwn(DRILL, mutant)) throw new Error(`the drill has no mutant '${mutant}'`);
	const directory = makeBuildDirectory();
	const setFailpoints = mkdtempSync(join(directory, 'failpoints-'));
	const remove = () => {
		rmSync(directory, { recursive: true, force: true });
		process.off('exit', remove);
	};
	process.once('exit', remove);
	try {
		await buildWithSwitches(ENTRIES, join(directory, 'dist'), [...switchesOfFailpoints(), ...switchesOf(DRILL)]);
		// A gateway reads its version from the package.json next to its build.
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
