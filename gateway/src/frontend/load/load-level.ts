/** How much a frontend leaves out, from nothing (0) to all that it may (3). */
export type LoadLevel = 0 | 1 | 2 | 3;

/**
 * The signs that a frontend has more work than it can do. Viewers that do not read are no sign: the
 * frontend writes nothing to them, so they cost no work, and a stranger with many such streams must
 * not degrade the viewers that read.
 */
export interface LoadSigns {
	/** The 90th percentile of the delay of the event loop, in milliseconds. */
	readonly loopDelayMs: number;
	/**
	 * The longest time from an update until the last viewer of its topic received it: a pass over them, in
	 * milliseconds.
	 */
	readonly updateAgeMs: number;
	/** The share of time in which the event loop did not wait, from 0 to 1. */
	readonly utilization: number;
}

/** From these values on a sign is of level 1, 2 or 3. */
export const THRESHOLDS: Readonly<Record<'loopDelayMs' | 'updateAgeMs', readonly [number, number, number]>> = {
	loopDelayMs: [100, 250, 600],
	updateAgeMs: [200, 400, 1_000],
};

/** Below this utilization a frontend can do more work, so old updates are no sign of load: their pass began late. */
export const BUSY = 0.9;

/** The level falls by one after no sign was near it for this time, in milliseconds. */
export const CALM_MS = 5_000;

/**
 * Below this share of a threshold a sign is not near it. Without a margin the relief of a level would
 * end it at once.
 */
const NEAR = 0.5;

/** The factor of the time between two polls on each level. */
const POLL_FACTOR = [1, 2, 4, 8] as const;

/** The most likes of a sample that a frame shows on each level. */
const SAMPLE = [8, 8, 2, 0] as const;

/**
 * What a level leaves out, in this order: polls, then likes that frames show, then signals. Never
 * totals or logs.
 */
export interface Degradation {
	/** The factor of the time between two polls. */
	readonly pollFactor: number;
	/** The most likes that a frame shows. */
	readonly sampleSize: number;
	/** Whether signals wait, and those that the gateway does not keep are left out. */
	readonly shedsSignals: boolean;
}

/** Returns what a frontend leaves out on a level. */
export function degradationOf(level: LoadLevel): Degradation {
	return { pollFactor: POLL_FACTOR[level], sampleSize: SAMPLE[level], shedsSignals: level === 3 };
}

/** Returns the level of the worst sign, with thresholds reduced to a share of them. */
function levelOf({ loopDelayMs, updateAgeMs, utilization }: LoadSigns, share: number): LoadLevel {
	const reached = (value: number, thresholds: readonly number[]) =>
		thresholds.filter((threshold) => value >= threshold * share).length;
	const ofLoop = reached(loopDelayMs, THRESHOLDS.loopDelayMs);
	const ofUpdates = utilization >= BUSY ? reached(updateAgeMs, THRESHOLDS.updateAgeMs) : 0;
	return Math.max(ofLoop, ofUpdates) as LoadLevel;
}

/**
 * The level of load. It rises at once to the level of the worst sign, and falls by one level after
 * each {@link CALM_MS} of calm. Deterministic.
 */
export class Load {
	#level: LoadLevel = 0;
	#calmSince = Number.POSITIVE_INFINITY;

	get level(): LoadLevel {
		return this.#level;
	}

	/** Takes the current signs, and returns the level. */
	look(signs: LoadSigns, now: number): LoadLevel {
		const level = levelOf(signs, 1);
		if (level > this.#level) this.#level = level;
		const isCalm = levelOf(signs, NEAR) < this.#level;
		if (!isCalm) this.#calmSince = Number.POSITIVE_INFINITY;
		else this.#calmSince = Math.min(this.#calmSince, now);
		if (now - this.#calmSince >= CALM_MS) {
			this.#level = (this.#level - 1) as LoadLevel;
			this.#calmSince = now;
		}
		return this.#level;
	}
}
