import { describe, expect, it } from 'vitest';
import { createParticle, fieldOf, launch } from '../hearts/particle.ts';
import { type Flight, flightOf } from './flight.ts';

const FIELD = fieldOf(360, 640, { x: 0.88, y: 1 });

function fly(calm = false): Flight {
	const particle = createParticle();
	launch(particle, { type: 'heart', bornAt: 1_200, scale: 1, calm }, FIELD, () => 0.5);
	return flightOf(particle, 1_000);
}

const at = <Value>(values: readonly Value[], index: number) => values.at(index) as Value;

describe('flightOf', () => {
	it('begins at its origin when the particle is born, and rises', () => {
		const { delayMs, y } = fly();
		expect(delayMs).toBe(200);
		expect(at(y, 0)).toBeCloseTo(FIELD.height - FIELD.unit * 0.6);
		expect([...y].sort((a, b) => b - a)).toEqual(y);
		expect(at(y, -1)).toBeLessThan(FIELD.height / 2);
	});

	it('returns as many values of each kind as steps, which rise from 0 to 1', () => {
		const { progress, x, y, rotation, scale, opacity } = fly();
		expect([x, y, rotation, scale, opacity].map(({ length }) => length)).toEqual(Array(5).fill(progress.length));
		expect([at(progress, 0), at(progress, -1)]).toEqual([0, 1]);
		expect(new Set(progress).size).toBe(progress.length);
		expect([...progress].sort((a, b) => a - b)).toEqual(progress);
	});

	it('springs up from size 0, and ends invisible at its last place', () => {
		const { scale, opacity, x, y } = fly();
		expect(at(scale, 0)).toBe(0);
		expect(Math.max(...scale)).toBeGreaterThan(1);
		expect(at(opacity, -1)).toBe(0);
		expect([at(x, -1), at(y, -1)]).toEqual([at(x, -2), at(y, -2)]);
	});

	it('stays in place, and fades in and out, with less motion', () => {
		const { x, y, opacity } = fly(true);
		expect([new Set(x).size, new Set(y).size]).toEqual([1, 1]);
		expect([at(opacity, 0), at(opacity, -1)]).toEqual([0, 0]);
		expect(Math.max(...opacity)).toBeGreaterThan(0.9);
	});
});
