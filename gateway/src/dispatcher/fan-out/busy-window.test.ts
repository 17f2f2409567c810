import { describe, expect, it } from 'vitest';
import { nextWindow } from './busy-window.ts';

/** Returns the window after many periods, in which each batch takes `workMs` of the event loop. */
function settled(workMs: number, configuredMs = 10): number {
	let windowMs = configuredMs;
	for (let period = 0; period < 100; period++) {
		windowMs = nextWindow(windowMs, Math.min(1, workMs / windowMs), configuredMs);
	}
	return windowMs;
}

describe('nextWindow', () => {
	it('keeps the configured window while the event loop waits for 30 % of the time', () => {
		expect(settled(0)).toBe(10);
		expect(settled(7)).toBe(10);
	});

	it('settles where the event loop waits for 30 % of the time', () => {
		expect(settled(14)).toBeCloseTo(20);
		expect(settled(28)).toBeCloseTo(40);
	});

	it('is never longer than 50 ms, and never shorter than configured', () => {
		expect(settled(70)).toBe(50);
		expect(settled(70, 80)).toBe(80);
	});

	it('returns to the configured window', () => {
		let windowMs = 50;
		for (let period = 0; period < 10; period++) windowMs = nextWindow(windowMs, 0.1, 10);
		expect(windowMs).toBe(10);
	});

	it('is none on a node without others', () => {
		expect(settled(70, 0)).toBe(0);
	});
});
