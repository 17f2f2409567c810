/** What is known when a burst is to be drawn. */
export interface BurstRequest {
	/** How many likes it stands for. */
	readonly count: number;
	/** One's own: shown at once, larger, whatever else is going on. */
	readonly own: boolean;
	/** For people who asked for less motion. */
	readonly calm: boolean;
	/** How many particles may still be drawn beside those that are. */
	readonly free: number;
}

/** How a burst is drawn. */
export interface BurstPlan {
	readonly particles: number;
	/** The first is born at once, the last before so many milliseconds have passed. */
	readonly overMs: number;
	/** The sizes lie between these, relative to an ordinary particle. */
	readonly smallest: number;
	readonly largest: number;
}

/** Up to so many likes are drawn one for one. */
const ONE_FOR_ONE = 10;
const MOST_PARTICLES = 90;
const MOST_CALM = 3;
/** A burst leaves room for those that follow it: it takes at most this share of what is free. */
const SHARE_OF_FREE = 0.25;
const MS_BETWEEN = 35;
const LONGEST_MS = 800;

/**
 * Few likes are drawn one for one. Beyond that each doubling adds the same number of particles, closer together and
 * of more different sizes, so that 500 look like more than 50 without drawing 500.
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

/** When the particle `index` of a burst is born, in milliseconds after its start: even, but not like a clock. */
export function birthOf(plan: BurstPlan, index: number, random: () => number): number {
	return index === 0 ? 0 : ((index + random() - 0.5) / plan.particles) * plan.overMs;
}

/** The scale of a particle of a burst. Squared: in a crowd most are far away and only some close. */
export function scaleOf(plan: BurstPlan, random: () => number): number {
	return plan.smallest + (plan.largest - plan.smallest) * random() ** 2;
}
