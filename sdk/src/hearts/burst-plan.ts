/** What a burst depends on when it starts. */
export interface BurstRequest {
	/** The number of likes that it stands for. */
	readonly count: number;
	/** The number of likes in the last second, those of this burst included. */
	readonly recent: number;
	/** The user's own tap: shown at once, larger, under any load. */
	readonly own: boolean;
	/** The most particles on the canvas. */
	readonly capacity: number;
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

/** 10,000 likes a second fill a canvas: each particle lives for some 2.6 s. */
const SECONDS_OF_A_CAPACITY = 18;
const LEAST_ONE_FOR_ONE = 3;
/** The share of the free particles that a burst takes at most, so that the next ones find room. */
const SHARE_OF_FREE = 0.25;
const OWN_SCALE = 1.4;
const MS_BETWEEN = 35;
const LONGEST_MS = 800;
const SECOND_MS = 1000;
/** More than all people on earth: a number that is none of likes must not last. */
const MOST_LIKES = 1e10;

/**
 * Returns the number of particles that stand for `likes` in one second: a log scale.
 * Up to `s = capacity / 18` likes, each is a particle; n likes are `s × (1 + ln(n / s))`, so each tenfold adds
 * `2.3 × s` particles.
 */
export function densityOf(likes: number, capacity: number): number {
	const scale = Math.max(LEAST_ONE_FOR_ONE, capacity / SECONDS_OF_A_CAPACITY);
	return likes <= scale ? likes : scale * (1 + Math.log(likes / scale));
}

/** Counts the likes of about the last second: each counts less the older it is. */
export interface LikeRate {
	/** Adds likes at `now` in milliseconds, and returns the likes of the last second, these included. */
	add(count: number, now: number): number;
}

export function createLikeRate(): LikeRate {
	let likes = 0;
	let addedAt = 0;
	return {
		add(count, now) {
			likes = likes * Math.exp((addedAt - now) / SECOND_MS) + (count >= 1 ? Math.min(count, MOST_LIKES) : 0);
			addedAt = now;
			return likes;
		},
	};
}

/**
 * Returns how to draw a burst.
 * It takes its share of the density of the last second. The more likes, the more different the sizes.
 */
export function planBurst(request: BurstRequest, random: () => number): BurstPlan {
	const { count, recent, own, capacity, free } = request;
	// Rounded up or down at random: a type with few likes among many has its share, too.
	const wanted = Math.floor((densityOf(recent, capacity) * count) / recent + random());
	// Not a number: no likes.
	const particles = own ? 1 : Math.max(0, Math.min(wanted, Math.ceil(free * SHARE_OF_FREE))) || 0;
	const doublings = Math.max(0, Math.log2(recent / 10));
	return {
		particles,
		overMs: Math.min(LONGEST_MS, particles * MS_BETWEEN),
		smallest: own ? OWN_SCALE : Math.max(0.55, 0.9 - doublings * 0.07),
		largest: own ? OWN_SCALE : Math.min(1.35, 1.1 + doublings * 0.05),
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
