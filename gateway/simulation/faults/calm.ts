import type { Clock } from '../engine/clock.ts';
import { Violation } from '../engine/violation.ts';

/** The period between two checks, in milliseconds. */
export const LOOK_MS = 100;

/** The longest time for which a digest or a request to the store is under way, in milliseconds. */
const UNDER_WAY_MS = 500;

export interface CalmOptions {
	readonly clock: Clock;
	/** The end of the last fault, in milliseconds. */
	readonly endsAt: number;
	/** The longest time after the last fault until the schedule settles, in milliseconds. */
	readonly settledMs: number;
	/** The time for which the schedule must stay settled, in milliseconds. */
	readonly calmMs: number;
	/** Runs the schedule until a time. */
	readonly playUntil: (end: number) => void;
	/** Returns why the schedule has not settled; undefined when it has. */
	readonly unsettled: () => string | undefined;
}

/**
 * Runs a schedule until it has been settled for `calmMs`. Frontends send digests all the time, so what
 * lasts as briefly as one does not count. Throws a {@link Violation} when the schedule has not settled
 * for longer after `settledMs`.
 */
export function waitForCalm({ clock, endsAt, settledMs, calmMs, playUntil, unsettled }: CalmOptions): void {
	let looks = 0;
	for (let calm = 0; calm * LOOK_MS < calmMs || looks > 0; ) {
		playUntil(clock.now + LOOK_MS);
		const reason = unsettled();
		looks = reason === undefined ? 0 : looks + 1;
		calm = looks * LOOK_MS < UNDER_WAY_MS ? calm + 1 : 0;
		const since = Math.round(clock.now - endsAt);
		if (calm === 0 && since > settledMs) throw new Violation(`${since} ms after the last fault ${reason}`);
	}
}
