/** The area in which particles fly, in CSS pixels. */
export interface Field {
	readonly width: number;
	readonly height: number;
	/** Where they rise from. */
	readonly x: number;
	readonly y: number;
	/** The size of an ordinary particle. */
	readonly unit: number;
}

/** Returns the field of a canvas or view of this size; `origin` are shares of it. */
export function fieldOf(width: number, height: number, origin: { readonly x: number; readonly y: number }): Field {
	const unit = Math.max(18, Math.min(44, Math.min(width, height) * 0.075));
	return { width, height, unit, x: width * origin.x, y: height * origin.y };
}

/** What a caller chooses of one particle; the rest is random. */
export interface Launch {
	readonly type: string;
	readonly bornAt: number;
	/** Relative to the field's unit. */
	readonly scale: number;
	/** Whether it fades in and out in place instead of flying. */
	readonly calm: boolean;
	/** Whether many fly with it, so that no eye follows it: it may move in small steps. Default false. */
	readonly crowded?: boolean;
}

/**
 * A particle holds only its launch, from which its place at any time follows.
 * So no error adds up from frame to frame, a dropped frame changes no path, and 20 and 120 frames a second show the
 * same flight.
 */
export interface Particle {
	type: string;
	bornAt: number;
	lifeMs: number;
	x: number;
	y: number;
	size: number;
	/** The distance that it flies, upwards and sideways. */
	rise: number;
	drift: number;
	/** The swing around its path: its width, its turns in a life, and the turn in which it starts. */
	sway: number;
	turns: number;
	phase: number;
	calm: boolean;
	crowded: boolean;
}

/** How to draw a particle at one moment. */
export interface Pose {
	x: number;
	y: number;
	/** Edge length. */
	size: number;
	/** In radians. */
	angle: number;
	opacity: number;
}

const POP_MS = 260;
const CALM_LIFE_MS = 1800;
const FADE_FROM = 0.55;

export function createParticle(): Particle {
	return {
		type: '',
		bornAt: 0,
		lifeMs: 1,
		x: 0,
		y: 0,
		size: 0,
		rise: 0,
		drift: 0,
		sway: 0,
		turns: 0,
		phase: 0,
		calm: false,
		crowded: false,
	};
}

export function createPose(): Pose {
	return { x: 0, y: 0, size: 0, angle: 0, opacity: 0 };
}

/** Gives a particle of the pool a new life. `random` returns numbers from 0 to 1. */
export function launch(
	particle: Particle,
	{ type, bornAt, scale, calm, crowded = false }: Launch,
	field: Field,
	random: () => number,
): void {
	const size = field.unit * scale;
	const spread = Math.min(field.width * 0.18, field.unit * 3.2);
	particle.type = type;
	particle.bornAt = bornAt;
	particle.calm = calm;
	particle.crowded = crowded;
	particle.size = size;
	particle.y = field.y - size * 0.6;
	// Small particles are further away and rise more slowly.
	particle.lifeMs = calm ? CALM_LIFE_MS : (2300 + random() * 1300) * (1.25 - 0.25 * Math.min(scale, 1.4));
	particle.rise = field.y * (0.5 + random() * 0.42);
	particle.sway = field.unit * (0.25 + random() * 0.55);
	// No side of the canvas cuts off the start or the end of the path, with its swing.
	const margin = size * 0.6 + particle.sway;
	particle.x = within(field.x + (random() - 0.5) * spread, margin, field.width - margin);
	particle.drift = within(particle.x + (random() - 0.5) * spread * 0.9, margin, field.width - margin) - particle.x;
	particle.turns = 0.8 + random() * 0.9;
	particle.phase = random() * Math.PI * 2;
	// Without flight, all would sit on one spot.
	if (calm) particle.y -= random() * Math.min(field.y * 0.5, field.unit * 5);
}

/** Returns whether its life is over at `now`. */
export function isGone(particle: Particle, now: number): boolean {
	return now >= particle.bornAt + particle.lifeMs;
}

/** Writes into `pose` the pose at `now`; before its birth and after its end its opacity is 0. */
export function poseAt(particle: Particle, now: number, pose: Pose): void {
	const ageMs = now - particle.bornAt;
	const life = ageMs / particle.lifeMs;
	pose.x = particle.x;
	pose.y = particle.y;
	pose.angle = 0;
	pose.size = particle.size;
	pose.opacity = 0;
	if (life < 0 || life >= 1) return;
	if (particle.calm) {
		pose.opacity = smooth(life / 0.25) * smooth((1 - life) / 0.5);
		return;
	}
	const swing = particle.phase + particle.turns * life * Math.PI * 2;
	const loosened = Math.min(1, life * 4);
	pose.x += particle.drift * life + particle.sway * Math.sin(swing) * loosened;
	pose.y -= particle.rise * (1 - (1 - life) ** 1.5);
	pose.angle = 0.3 * Math.cos(swing) * loosened;
	pose.size *= pop(ageMs / POP_MS) * (1 - 0.25 * smooth((life - FADE_FROM) / (1 - FADE_FROM)));
	pose.opacity = 1 - smooth((life - FADE_FROM) / (1 - FADE_FROM));
}

/** Returns 0 to 1 with a little overshoot, as an object springs up. */
function pop(t: number): number {
	if (t >= 1) return 1;
	const rest = 1 - t;
	return 1 - rest * rest * (1 - 2.6 * t);
}

/** Returns 0 to 1 without a corner at either end. */
function smooth(t: number): number {
	const x = within(t, 0, 1);
	return x * x * (3 - 2 * x);
}

function within(value: number, least: number, most: number): number {
	return Math.max(least, Math.min(most, value));
}
