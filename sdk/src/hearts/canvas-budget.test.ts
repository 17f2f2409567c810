import { expect, it } from 'vitest';
import { capacityOf, pixelRatioOf } from './canvas-budget.ts';

it('gives a canvas the pixels of the screen, up to the bounds of ratio and total', () => {
	expect(pixelRatioOf(640, 360, 1)).toBe(1);
	expect(pixelRatioOf(640, 360, 1.5)).toBe(1.5);
	expect(pixelRatioOf(640, 360, 3)).toBe(2);
	expect(pixelRatioOf(1280, 720, 2)).toBeCloseTo(1.47);
	expect(pixelRatioOf(3840, 2160, 2)).toBe(1);
	expect(pixelRatioOf(3840, 2160, 0.5)).toBe(0.5);
	expect(pixelRatioOf(0, 0, 2)).toBe(2);
});

it('draws fewer particles on a small canvas, and a handful with less motion', () => {
	expect(capacityOf(320, 180, 300, false)).toBe(83);
	expect(capacityOf(1280, 720, 300, false)).toBe(300);
	expect(capacityOf(1280, 720, 300, true)).toBe(5);
});
