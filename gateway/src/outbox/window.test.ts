import { describe, expect, it } from 'vitest';
import { Window } from './window.ts';

describe('a window', () => {
	it('lets the first departure go at once', () => {
		expect(new Window(50).isOpen(0)).toBe(true);
		expect(new Window(50).isOpen(-1_000)).toBe(true);
	});

	it('holds the next until its length has passed since the last', () => {
		const window = new Window(50);
		window.depart(1_000);
		expect(window.opensAt).toBe(1_050);
		expect(window.isOpen(1_049.9)).toBe(false);
		expect(window.isOpen(1_050)).toBe(true);
	});

	it('lets a departure go at once after a quiet time', () => {
		const window = new Window(50);
		window.depart(1_000);
		window.depart(9_000);
		expect(window.opensAt).toBe(9_050);
	});

	it('of no length is always open', () => {
		const window = new Window(0);
		window.depart(1_000);
		expect(window.isOpen(1_000)).toBe(true);
	});
});
