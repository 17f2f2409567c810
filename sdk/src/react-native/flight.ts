import { createPose, type Particle, poseAt } from '../hearts/particle.ts';

/** The number of poses of a flight; a straight line connects two of them. */
const POSES = 32;

/** The exponent that puts the first poses closer together, where a particle springs up. */
const SOON = 2;

/** A flight as Animated interpolates it, by its progress from 0 to 1, without JavaScript at each frame. */
export interface Flight {
	/** The edge of the drawing. */
	readonly size: number;
	/** The time before it starts, in milliseconds. */
	readonly delayMs: number;
	readonly lifeMs: number;
	readonly progress: readonly number[];
	/** The path of its centre. */
	readonly x: readonly number[];
	readonly y: readonly number[];
	readonly rotation: readonly string[];
	readonly scale: readonly number[];
	readonly opacity: readonly number[];
}

/** Returns the flight of a launched particle. */
export function flightOf(particle: Particle, now: number): Flight {
	const progress = Array.from({ length: POSES }, (_, index) => (index / (POSES - 1)) ** SOON);
	const poses = progress.map((at) => {
		const pose = createPose();
		poseAt(particle, particle.bornAt + at * particle.lifeMs, pose);
		return pose;
	});
	// At its end a particle has no pose: it stays invisible at its last place.
	poses[POSES - 1] = { ...(poses[POSES - 2] ?? createPose()), opacity: 0 };
	return {
		size: particle.size,
		delayMs: Math.max(0, particle.bornAt - now),
		lifeMs: particle.lifeMs,
		progress,
		x: poses.map(({ x }) => x),
		y: poses.map(({ y }) => y),
		rotation: poses.map(({ angle }) => `${angle}rad`),
		scale: poses.map(({ size }) => size / particle.size),
		opacity: poses.map(({ opacity }) => opacity),
	};
}
