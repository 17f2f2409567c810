import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../../local-cluster/cleanup.ts';

const PRELOADED = fileURLToPath(new URL('shifted-clock.mjs', import.meta.url));

/** Shifts the wall clocks of the nodes of a region while they run. */
export class Clocks {
	/** Flags of Node.js that load the shifted clock. */
	readonly nodeFlags: readonly string[] = ['--import', PRELOADED];
	readonly #directory = makeOwnedDirectory();
	readonly #regions = new Set<string>();

	/** Returns the environment variables of the nodes of a region. */
	envOf(region: string): Readonly<Record<string, string>> {
		this.#regions.add(region);
		this.shift(region, 0);
		return { DRILL_CLOCK: this.#fileOf(region) };
	}

	/** Sets the clocks of a region `ms` milliseconds ahead of this machine. Nodes notice within 100 ms. */
	shift(region: string, ms: number): void {
		writeFileSync(this.#fileOf(region), String(ms));
	}

	/** Sets all clocks back to that of this machine. */
	restore(): void {
		for (const region of this.#regions) this.shift(region, 0);
	}

	/** Removes the files of the clocks. Call it when no node runs; a second call does nothing. */
	remove(): void {
		removeOwnedDirectory(this.#directory);
	}

	#fileOf(region: string): string {
		return join(this.#directory, region);
	}
}
