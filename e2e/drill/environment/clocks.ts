import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../../local-cluster/cleanup.ts';

const PRELOADED = fileURLToPath(new URL('shifted-clock.mjs', import.meta.url));

/** The wall clocks of the nodes of regions, which can be set while they run. */
export class Clocks {
	/** Flags for Node itself that make it listen to this. */
	readonly nodeFlags: readonly string[] = ['--import', PRELOADED];
	readonly #directory = makeOwnedDirectory();
	readonly #regions = new Set<string>();

	/** What nodes of a region need in their environment. */
	envOf(region: string): Readonly<Record<string, string>> {
		this.#regions.add(region);
		this.shift(region, 0);
		return { DRILL_CLOCK: this.#fileOf(region) };
	}

	/** From a moment later on, the clocks of a region go before those of this machine by so many milliseconds. */
	shift(region: string, ms: number): void {
		writeFileSync(this.#fileOf(region), String(ms));
	}

	/** All clocks are right again. */
	restore(): void {
		for (const region of this.#regions) this.shift(region, 0);
	}

	/** To be called when no node runs any more; may be called twice. */
	remove(): void {
		removeOwnedDirectory(this.#directory);
	}

	#fileOf(region: string): string {
		return join(this.#directory, region);
	}
}
