/** How much a frontend leaves out, from nothing to all that can be. */
export type LoadLevel = 0 | 1 | 2 | 3;

/**
 * The signs that a frontend has more work than it can do. Viewers who do not read are none: nothing is written to them, so
 * they take no work, and a stranger who opens many such streams must not degrade those who read.
 */
export interface LoadSigns {
	/** How long the event loop kept one in ten things waiting, or longer, in milliseconds. */
	readonly loopDelayMs: number;
	/** The longest that news waited until the last of a topic's viewers was told: a pass over them, in milliseconds. */
	readonly newsAgeMs: number;
}

/**
 * From these on a sign is of level 1, 2 or 3. A frontend that has twice what it can do is at level 1, with likes that are
 * as old as four windows; at level 3 they would be older than a second.
 */
export const THRESHOLDS: Readonly<Record<keyof LoadSigns, readonly [number, number, number]>> = {
	loopDelayMs: [100, 250, 600],
	newsAgeMs: [200, 400, 1_000],
};

/** A level is left, one at a time, when for so long no sign was near it, in milliseconds. */
export const CALM_MS = 5_000;

/** Below so much of a threshold a sign is not near it: otherwise what a level spares would end it, and begin it again. */
const NEAR = 0.5;

/** How many times its length a window has on each level. */
const STRETCH = [1, 2, 4, 8] as const;

/** How many likes of a sample are shown on each level, of those that there are. */
const SAMPLE = [8, 8, 2, 0] as const;

/** What is left out on a level, in this order: frames, then likes shown in them, then signals. Totals and logs never. */
export interface Degradation {
	/** Windows are so many times as long. */
	readonly stretch: number;
	/** Likes shown in a frame, at the most. */
	readonly sampleSize: number;
	/** Signals wait, or are not told at all if nobody keeps them. */
	readonly shedsSignals: boolean;
}

/** What a frontend leaves out on a level. */
export function degradationOf(level: LoadLevel): Degradation {
	return { stretch: STRETCH[level], sampleSize: SAMPLE[level], shedsSignals: level === 3 };
}

function levelOf(signs: LoadSigns, share: number): LoadLevel {
	let level: LoadLevel = 0;
	for (const [name, thresholds] of Object.entries(THRESHOLDS)) {
		for (const [index, threshold] of thresholds.entries()) {
			if (signs[name as keyof LoadSigns] >= threshold * share && index + 1 > level) level = (index + 1) as LoadLevel;
		}
	}
	return level;
}

/**
 * The level of load, by signs that are looked at again and again: up at once, as far as the worst sign says, and down one
 * level at a time after it was calm for a while. Deterministic.
 */
export class Load {
	#level: LoadLevel = 0;
	#calmSince = Number.POSITIVE_INFINITY;

	get level(): LoadLevel {
		return this.#level;
	}

	/** Takes in what the signs are now; gives back the level. */
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
