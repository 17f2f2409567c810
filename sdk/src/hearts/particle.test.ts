import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createParticle, createPose, type Field, isGone, type Launch, launch, poseAt } from './particle.ts';

const field: Field = { width: 800, height: 450, x: 780, y: 450, unit: 30 };
const birth: Launch = { type: 'heart', bornAt: 1000, scale: 1, calm: false };
const random = fc.double({ min: 0, max: 1, noNaN: true });

function launched(values: readonly number[], changes: Partial<Launch> = {}) {
	let next = 0;
	const particle = createParticle();
	launch(particle, { ...birth, ...changes }, field, () => values[next++ % values.length] ?? 0.5);
	return particle;
}

function posed(particle: ReturnType<typeof launched>, now: number) {
	const pose = createPose();
	poseAt(particle, now, pose);
	return pose;
}

describe('a particle', () => {
	it('is invisible before its birth and after its end', () => {
		const particle = launched([0.5]);
		expect(posed(particle, 999).opacity).toBe(0);
		expect(posed(particle, 1000 + particle.lifeMs).opacity).toBe(0);
		expect(isGone(particle, 999)).toBe(false);
		expect(isGone(particle, 1000 + particle.lifeMs)).toBe(true);
	});

	it('springs up at full opacity and has faded by its end', () => {
		const particle = launched([0.5]);
		expect(posed(particle, 1001).size).toBeLessThan(5);
		expect(posed(particle, 1300)).toMatchObject({ size: 30, opacity: 1 });
		expect(posed(particle, 1000 + particle.lifeMs - 1).opacity).toBeLessThan(0.01);
	});

	it('only rises, stays near its column and below the top, for each random number', () => {
		fc.assert(
			fc.property(fc.array(random, { minLength: 8, maxLength: 8 }), (values) => {
				const particle = launched(values);
				let y = Number.POSITIVE_INFINITY;
				for (let now = 1000; now < 1000 + particle.lifeMs; now += 50) {
					const pose = posed(particle, now);
					expect(pose.y).toBeLessThanOrEqual(y);
					expect(pose.y).toBeGreaterThan(0);
					expect(Math.abs(pose.x - field.x)).toBeLessThan(field.unit * 5);
					expect(pose.x).toBeGreaterThan(pose.size / 2);
					expect(pose.x).toBeLessThan(field.width - pose.size / 2);
					expect(pose.opacity).toBeGreaterThanOrEqual(0);
					y = pose.y;
				}
			}),
		);
	});

	it('is at one place at one time, however many frames came before', () => {
		const particle = launched([0.3, 0.8, 0.1]);
		const direct = posed(particle, 2000);
		for (let now = 1000; now < 2000; now += 7) posed(particle, now);
		expect(posed(particle, 2000)).toEqual(direct);
	});

	it('stays in place when calm, and only fades in and out', () => {
		const particle = launched([0.2, 0.9], { calm: true });
		const { x, y, size } = posed(particle, 1000);
		for (let now = 1000; now < 1000 + particle.lifeMs; now += 100) {
			expect(posed(particle, now)).toMatchObject({ x, y, size, angle: 0 });
		}
		expect(posed(particle, 1020).opacity).toBeLessThan(0.1);
		expect(posed(particle, 1000 + particle.lifeMs / 2).opacity).toBe(1);
	});
});
