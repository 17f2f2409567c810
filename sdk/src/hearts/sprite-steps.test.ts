import { describe, expect, it } from 'vitest';
import type { AnyCanvas } from './canvases.ts';
import { createSpriteSteps } from './sprite-steps.ts';

/** Creates canvases without a context, and counts them. Browser tests check the drawings. */
function createCanvases() {
	const created: number[] = [];
	return {
		created,
		create(edge: number) {
			created.push(edge);
			return { width: edge, height: edge, getContext: () => null } as unknown as AnyCanvas;
		},
	};
}

describe('createSpriteSteps', () => {
	const image = { width: 124, height: 124 } as AnyCanvas;

	it('returns one copy for sizes and angles that look the same, and others for others', () => {
		const { created, create } = createCanvases();
		const steps = createSpriteSteps(image, 100, create);
		const copy = steps.at(50, 0.1);
		expect(steps.at(51, 0.12)).toBe(copy);
		expect(created).toHaveLength(1);
		expect(steps.at(60, 0.1)).not.toBe(copy);
		expect(steps.at(50, -0.1)).not.toBe(copy);
		expect(created).toHaveLength(3);
	});

	it('makes at most 112 copies, each at most 4.5 % larger or smaller than asked', () => {
		const { created, create } = createCanvases();
		const steps = createSpriteSteps(image, 100, create);
		for (let size = 28; size <= 100; size += 0.5) {
			for (let angle = -0.3; angle <= 0.3; angle += 0.02) {
				const edge = (steps.at(size, angle)?.width ?? 0) / 1.26;
				expect(Math.abs(edge - size)).toBeLessThan(size * 0.045 + 1);
			}
		}
		expect(created.length).toBeLessThanOrEqual(112);
	});

	it('returns none for sizes and angles out of range', () => {
		const steps = createSpriteSteps(image, 100, createCanvases().create);
		expect([steps.at(130, 0), steps.at(5, 0), steps.at(0, 0), steps.at(50, 1)]).toEqual(Array(4).fill(undefined));
	});
});
