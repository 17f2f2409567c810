import type { Timeline } from '../engine/clock.ts';
import { Violation } from '../node/environment.ts';

/** The period between two looks, in milliseconds. */
export const LOOK_MS = 100;

/** A digest, or a question to the store, is under way for less than this time, in milliseconds. */
const UNDER_WAY_MS = 500;

export interface CalmOptions {
	readonly timeline: Timeline;
	/** When the last fault ended, in milliseconds. */
	readonly endsAt: number;
	/** After the last fault nothing is in doubt for long once this time has passed, in milliseconds. */
	readonly settledMs: number;
	/** All must be well for this time, in milliseconds. */
	readonly calmMs: number;
	/** Plays on until a time. */
	readonly playUntil: (end: number) => void;
	/** What is not well now; undefined when all is. */
	readonly doubt: () => string | undefined;
}

/**
 * Plays on until all has been well for some time. Frontends send digests for ever, so what lasts as briefly as one does not
 * count. Throws a {@link Violation} when something else is not well for too long.
 */
export function waitForCalm({ timeline, endsAt, settledMs, calmMs, playUntil, doubt }: CalmOptions): void {
	let doubts = 0;
	for (let calm = 0; calm * LOOK_MS < calmMs || doubts > 0; ) {
		playUntil(timeline.now + LOOK_MS);
		const doubted = doubt();
		doubts = doubted === undefined ? 0 : doubts + 1;
		calm = doubts * LOOK_MS < UNDER_WAY_MS ? calm + 1 : 0;
		const since = Math.round(timeline.now - endsAt);
		if (calm === 0 && since > settledMs) throw new Violation(`${since} ms after the last fault ${doubted}`);
	}
}
