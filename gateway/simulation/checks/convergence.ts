import { Violation } from '../engine/violation.ts';
import { type CheckerOptions, unsettled, wrongRow, wrongState } from './cluster-checker.ts';
import { wrongViewerCount } from './viewer-count-checker.ts';

/**
 * The longest time after the last fault until every viewer has what the store has, in milliseconds:
 * pings, a ring, digests, reads. It is shorter than the period at which owners read the store, so
 * nothing may depend on that.
 */
const HEALED_MS = 15_000;

/** The longest time after the last fault in which updates flood, in milliseconds. */
const SETTLED_MS = 15_000;

/** The longest time after the last fault until viewers received their number, in milliseconds. */
const COUNTED_MS = 28_000;

/**
 * The time for which all must be well, in milliseconds: pings that were lost before may still count as
 * missed.
 */
const CALM_MS = 1_250;

/** The period between two checks, in milliseconds. */
export const LOOK_MS = 250;

/**
 * Runs a cluster until all is well after the last fault. Throws a {@link Violation} when that takes
 * too long.
 */
export function waitUntilConverged(options: CheckerOptions, endsAt: number): void {
	const { environment, videos, audience } = options;
	const { clock } = environment;
	let calm = 0;
	for (;;) {
		clock.runUntil(clock.now + LOOK_MS);
		const wrong = wrongState(options);
		const reason = unsettled(environment);
		const uncounted = wrongViewerCount(videos, [audience]);
		const row = reason === undefined ? wrongRow(environment) : undefined;
		if (row !== undefined) throw new Violation(`settled, ${row}`);
		if (wrong === undefined && reason === undefined && uncounted === undefined) {
			calm++;
			if (calm * LOOK_MS >= CALM_MS) return;
			continue;
		}
		calm = 0;
		const since = clock.now - endsAt;
		if (wrong !== undefined && since > HEALED_MS) throw new Violation(`${since} ms after the last fault ${wrong}`);
		if (reason !== undefined && since > SETTLED_MS) throw new Violation(`${since} ms after the last fault ${reason}`);
		if (uncounted !== undefined && since > COUNTED_MS) {
			throw new Violation(`${since} ms after the last fault ${uncounted}`);
		}
	}
}
