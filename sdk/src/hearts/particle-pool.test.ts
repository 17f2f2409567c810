import { expect, it } from 'vitest';
import { createParticlePool } from './particle-pool.ts';

/** Takes a particle that lives from `bornAt` for `lifeMs`. */
function taken(pool: ReturnType<typeof createParticlePool>, bornAt: number, lifeMs = 100) {
	const particle = pool.take(3);
	if (!particle) throw new Error('the pool had none left');
	return Object.assign(particle, { bornAt, lifeMs });
}

it('gives no more particles than the limit', () => {
	const pool = createParticlePool(3);
	expect(pool.take(2)).toBeDefined();
	expect(pool.take(2)).toBeDefined();
	expect(pool.take(2)).toBeUndefined();
	expect(pool.take(3)).toBeDefined();
	expect(pool.take(9)).toBeUndefined();
	expect(pool.taken).toBe(3);
});

it('frees particles whose life is over, and keeps the others and the unborn', () => {
	const pool = createParticlePool(3);
	taken(pool, 0);
	const living = taken(pool, 50);
	const unborn = taken(pool, 500);
	pool.sweep(120);
	expect(pool.particles.slice(0, pool.taken)).toEqual(expect.arrayContaining([living, unborn]));
	expect(pool.taken).toBe(2);
	pool.sweep(1000);
	expect(pool.taken).toBe(0);
});

it('allocates no particle after its start', () => {
	const pool = createParticlePool(3);
	const all = new Set(pool.particles);
	for (let now = 0; now < 1000; now += 40) {
		if (pool.taken < 3) taken(pool, now);
		pool.sweep(now);
	}
	expect(new Set(pool.particles)).toEqual(all);
});

it('returns the oldest particle to reuse', () => {
	const pool = createParticlePool(3);
	expect(pool.takeOldest()).toBeUndefined();
	taken(pool, 20);
	const oldest = taken(pool, 10);
	taken(pool, 30);
	expect(pool.takeOldest()).toBe(oldest);
});
