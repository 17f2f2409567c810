import { describe, expect, it } from 'vitest';
import { Window } from './window.ts';

describe('Window', () => {
	it('opens at once for the first departure', () => {
		expect(new Window(50).isOpen(0)).toBe(true);
		expect(new Window(50).isOpen(-1_000)).toBe(true);
	});

	it('opens for the next departure after its length', () => {
		const window = new Window(50);
		window.depart(1_000);
		expect(window.opensAt).toBe(1_050);
		expect(window.isOpen(1_049.9)).toBe(false);
		expect(window.isOpen(1_050)).toBe(true);
	});

	it('opens at once after a quiet time', () => {
		const window = new Window(50);
		window.depart(1_000);
		window.depart(9_000);
		expect(window.opensAt).toBe(9_050);
	});

	it('is always open with length 0', () => {
		const window = new Window(0);
		window.depart(1_000);
		expect(window.isOpen(1_000)).toBe(true);
	});
});
