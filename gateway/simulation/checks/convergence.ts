import { Violation } from '../node/environment.ts';
import { unsettled, untrue, type VerdictOptions, wrongRow } from './cluster-checker.ts';
import { miscounted } from './viewer-count-checker.ts';

/**
 * After the last fault everybody sees what the store has so soon, in milliseconds: pings, a ring, digests, reads. Sooner
 * than owners read the store in their own time, so that nothing has to wait for that.
 */
const HEALED_MS = 15_000;

/** After the last fault no news flood so soon, in milliseconds. */
const SETTLED_MS = 15_000;

/** … and viewers were told by then how many they are, in milliseconds. */
const COUNTED_MS = 28_000;

/** So long all has to be well, in milliseconds: pings that were lost before may still be missed. */
const CALM_MS = 1_250;

/** How often things are looked at while they heal, in milliseconds. */
export const LOOK_MS = 250;

/** Waits until all is well again after the last fault, and no longer than that may take. */
export function heal(verdict: VerdictOptions, endsAt: number): void {
	const { world, videos, audience } = verdict;
	const { timeline } = world;
	let calm = 0;
	for (;;) {
		timeline.runUntil(timeline.now + LOOK_MS);
		const wrong = untrue(verdict);
		const doubt = unsettled(world);
		const uncounted = miscounted(videos, [audience]);
		const row = doubt === undefined ? wrongRow(world) : undefined;
		if (row !== undefined) throw new Violation(`settled, ${row}`);
		if (wrong === undefined && doubt === undefined && uncounted === undefined) {
			calm++;
			if (calm * LOOK_MS >= CALM_MS) return;
			continue;
		}
		calm = 0;
		const since = timeline.now - endsAt;
		if (wrong !== undefined && since > HEALED_MS) throw new Violation(`${since} ms after the last fault ${wrong}`);
		if (doubt !== undefined && since > SETTLED_MS) throw new Violation(`${since} ms after the last fault ${doubt}`);
		if (uncounted !== undefined && since > COUNTED_MS) {
			throw new Violation(`${since} ms after the last fault ${uncounted}`);
		}
	}
}
