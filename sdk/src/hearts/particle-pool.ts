import { createParticle, isGone, type Particle } from './particle.ts';

/**
 * Every particle there will ever be, made once: the living ones first, the free ones behind them.
 * So a frame allocates nothing and the garbage collector has nothing to stop it for.
 */
export interface ParticlePool {
	/** How many are taken, born or about to be. The first so many of `particles`. */
	readonly taken: number;
	readonly particles: readonly Particle[];
	/** A free particle, or undefined when `limit` are taken. */
	take(limit: number): Particle | undefined;
	/** The particle that was born first, for someone who must be seen; undefined when none is taken. */
	takeOldest(): Particle | undefined;
	/** Frees those whose life is over. */
	sweep(now: number): void;
	clear(): void;
}

/** A pool of `size` particles. */
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
				// The last living one moves into the hole, the dead one behind the living.
				particles[i] = last;
				particles[--taken] = particle;
			}
		},
		clear() {
			taken = 0;
		},
	};
}
