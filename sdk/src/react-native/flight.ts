import { createPose, type Particle, poseAt } from '../hearts/particle.ts';

/** So many poses of a flight are given; between them lies a straight line. */
const POSES = 32;

/** The first poses lie closer together, where a particle springs up. */
const SOON = 2;

/** A flight as Animated interpolates it: by its progress from 0 to 1, without JavaScript at each frame. */
export interface Flight {
	/** The edge of what flies. */
	readonly size: number;
	/** From now on, in milliseconds. */
	readonly delayMs: number;
	readonly lifeMs: number;
	readonly progress: readonly number[];
	/** Of its centre. */
	readonly x: readonly number[];
	readonly y: readonly number[];
	readonly rotation: readonly string[];
	readonly scale: readonly number[];
	readonly opacity: readonly number[];
}

/** Returns the flight of a particle that was launched. */
export function flightOf(particle: Particle, now: number): Flight {
	const progress = Array.from({ length: POSES }, (_, index) => (index / (POSES - 1)) ** SOON);
	const poses = progress.map((at) => {
		const pose = createPose();
		poseAt(particle, particle.bornAt + at * particle.lifeMs, pose);
		return pose;
	});
	// At its end a particle has no pose of its own: it stays where it was last, and cannot be seen.
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
