/** What a burst depends on when it starts. */
export interface BurstRequest {
	/** The number of likes that it stands for. */
	readonly count: number;
	/** The user's own tap: shown at once, larger, under any load. */
	readonly own: boolean;
	/** Whether the user asked for less motion. */
	readonly calm: boolean;
	/** The number of particles that the canvas takes in addition to those on it. */
	readonly free: number;
}

/** How to draw a burst. */
export interface BurstPlan {
	readonly particles: number;
	/** The first particle is born at once, the last before this time has passed, in milliseconds. */
	readonly overMs: number;
	/** The range of the sizes, relative to an ordinary particle. */
	readonly smallest: number;
	readonly largest: number;
}

/** The most likes that are drawn one for one. */
const ONE_FOR_ONE = 10;
const MOST_PARTICLES = 90;
const MOST_CALM = 3;
/** The share of the free particles that a burst takes at most, so that the next ones find room. */
const SHARE_OF_FREE = 0.25;
const MS_BETWEEN = 35;
const LONGEST_MS = 800;

/**
 * Returns how to draw a burst.
 * Few likes are drawn one for one. Above `ONE_FOR_ONE`, each doubling adds the same number of particles, closer
 * together and of more different sizes, so that 500 look like more than 50 without 500 drawings.
 */
export function planBurst({ count, own, calm, free }: BurstRequest): BurstPlan {
	if (!(count >= 1)) return { particles: 0, overMs: 0, smallest: 1, largest: 1 };
	if (own) return { particles: 1, overMs: 0, smallest: 1.4, largest: 1.4 };

	const doublings = Math.max(0, Math.log2(count / ONE_FOR_ONE));
	const wanted = Math.floor(count <= ONE_FOR_ONE ? count : ONE_FOR_ONE + doublings * 9);
	const room = Math.max(Math.ceil(free * SHARE_OF_FREE), Math.min(free, 1));
	const particles = Math.max(0, Math.min(wanted, room, calm ? MOST_CALM : MOST_PARTICLES));
	return {
		particles,
		overMs: particles > 1 ? Math.min(LONGEST_MS, particles * MS_BETWEEN) : 0,
		smallest: Math.max(0.55, 0.9 - doublings * 0.07),
		largest: Math.min(1.35, 1.1 + doublings * 0.05),
	};
}

/**
 * Returns when particle `index` of a burst is born, in milliseconds after its start.
 * The births are even, with some jitter.
 */
export function birthOf(plan: BurstPlan, index: number, random: () => number): number {
	return index === 0 ? 0 : ((index + random() - 0.5) / plan.particles) * plan.overMs;
}

/**
 * Returns the scale of a particle.
 * Squared: in a crowd most particles are far away and only some close.
 */
export function scaleOf(plan: BurstPlan, random: () => number): number {
	return plan.smallest + (plan.largest - plan.smallest) * random() ** 2;
}
