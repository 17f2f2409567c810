import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLUSTER_SECRET } from './cluster.ts';
import { GatewayProcess } from './gateway-process.ts';
import { testDirectory } from './temporary-directory.ts';

const SHIFTED_CLOCK = fileURLToPath(new URL('../../e2e/drill/environment/shifted-clock.mjs', import.meta.url));

/** Gateway processes with adjustable wall clocks, until the end of the test. */
export class ShiftedGateways {
	readonly #clocks = testDirectory();

	/** Sets the clock of a gateway to `aheadMs` milliseconds ahead of this machine's clock. */
	set(name: string, aheadMs: number): void {
		writeFileSync(join(this.#clocks, name), String(aheadMs));
	}

	/** Starts a gateway, by default with a separate database in `dataDir`. */
	start(
		name: string,
		aheadMs: number,
		flags: Readonly<Record<string, string>>,
		dataDir = testDirectory(),
	): Promise<GatewayProcess> {
		this.set(name, aheadMs);
		const all = { node: name, 'cluster-secret': CLUSTER_SECRET, 'drain-ms': '0', 'drain-min-ms': '0', ...flags };
		return GatewayProcess.serving(dataDir, {
			args: Object.entries(all).flatMap(([flag, value]) => [`--${flag}`, value]),
			env: { NODE_OPTIONS: `--import ${SHIFTED_CLOCK}`, DRILL_CLOCK: join(this.#clocks, name) },
		});
	}
}
