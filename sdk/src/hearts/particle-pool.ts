import { createParticle, isGone, type Particle } from './particle.ts';

/**
 * All particles, allocated once: the living ones first, the free ones after them.
 * A frame then allocates nothing, and the garbage collector has no reason to interrupt it.
 */
export interface ParticlePool {
	/** The number of taken particles, born or about to be: the first ones of `particles`. */
	readonly taken: number;
	readonly particles: readonly Particle[];
	/** Returns a free particle; undefined when `limit` are taken. */
	take(limit: number): Particle | undefined;
	/** Returns the particle that was born first, to reuse for an own tap; undefined when none is taken. */
	takeOldest(): Particle | undefined;
	/** Frees the particles whose life is over. */
	sweep(now: number): void;
	clear(): void;
}

/** Creates a pool of `size` particles. */
export function createParticlePool(size: number): ParticlePool {
	const particles = Array.from({ length: size }, createParticle);
	let taken = 0;

	return {
		particles,
		get taken() {
			return taken;
		},
		take(limit) {
			return taken < Math.min(limit, size) ? particles[taken++] : undefined;
		},
		takeOldest() {
			let oldest: Particle | undefined;
			for (let i = 0; i < taken; i++) {
				const particle = particles[i];
				if (particle && (!oldest || particle.bornAt < oldest.bornAt)) oldest = particle;
			}
			return oldest;
		},
		sweep(now) {
			for (let i = 0; i < taken; ) {
				const particle = particles[i];
				const last = particles[taken - 1];
				if (!particle || !last || !isGone(particle, now)) {
					i++;
					continue;
				}
				// The last living particle takes its place, and it goes after the living ones.
				particles[i] = last;
				particles[--taken] = particle;
			}
		},
		clear() {
			taken = 0;
		},
	};
}
