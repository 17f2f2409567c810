import { beforeEach, describe, expect, it } from 'vitest';
import { createHearts } from './hearts.ts';

/** Creates the part of a browser that hearts use; a test advances frames and time. */
function createScreen({ reducedMotion = false } = {}) {
	const frames = new Map<number, (now: number) => void>();
	const listeners = new Set<() => void>();
	let now = 0;
	let lastFrame = 0;
	let drawn = 0;
	const context = new Proxy(
		{ drawImage: () => drawn++, createLinearGradient: () => ({ addColorStop() {} }) },
		{ get: (target, name) => Reflect.get(target, name) ?? (() => {}), set: () => true },
	);
	const window = {
		devicePixelRatio: 2,
		performance: { now: () => now },
		matchMedia: () => ({ matches: reducedMotion }),
		ResizeObserver: class {
			observe() {}
			disconnect() {}
		},
		requestAnimationFrame(callback: (now: number) => void) {
			frames.set(++lastFrame, callback);
			return lastFrame;
		},
		cancelAnimationFrame: (id: number) => frames.delete(id),
	};
	const document = {
		hidden: false,
		defaultView: window,
		createElement: () => ({ getContext: () => context }),
		addEventListener: (_: string, listener: () => void) => listeners.add(listener),
		removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
	};
	const canvas = { width: 0, height: 0, clientWidth: 640, clientHeight: 360, ownerDocument: document };

	return {
		canvas: Object.assign(canvas, { getContext: () => context }) as unknown as HTMLCanvasElement,
		listeners,
		get waiting() {
			return frames.size;
		},
		setHidden(hidden: boolean) {
			document.hidden = hidden;
			for (const listener of listeners) listener();
		},
		/** Draws one frame, `ms` later; returns how many particles were drawn. */
		frame(ms: number) {
			now += ms;
			const due = [...frames.values()];
			frames.clear();
			// The first frame of a type renders its sprite, which is another drawImage; the second does not.
			drawn = 0;
			for (const callback of due) callback(now);
			return drawn;
		},
	};
}

// Node has no canvas paths; a browser test checks the drawings.
beforeEach(() => {
	globalThis.Path2D ??= class {} as unknown as typeof Path2D;
});

describe('createHearts', () => {
	it('asks for frames only while a particle floats', () => {
		const screen = createScreen();
		const hearts = createHearts(screen.canvas);
		expect(screen.waiting).toBe(0);
		hearts.burst({ type: 'heart', count: 3 });
		hearts.burst({ type: 'clap' });
		expect(screen.waiting).toBe(1);
		screen.frame(200);
		expect(screen.frame(16)).toBe(4);
		expect(screen.waiting).toBe(1);
		screen.frame(10_000);
		expect(screen.waiting).toBe(0);
	});

	it('fits the canvas to the pixels of the screen', () => {
		const screen = createScreen();
		createHearts(screen.canvas);
		expect(screen.canvas).toMatchObject({ width: 1280, height: 720 });
	});

	it('draws no frame for a hidden page, and drops bursts from that time', () => {
		const screen = createScreen();
		const hearts = createHearts(screen.canvas);
		hearts.burst({ count: 5 });
		screen.setHidden(true);
		hearts.burst({ count: 5 });
		expect(screen.waiting).toBe(0);
		screen.setHidden(false);
		expect(screen.waiting).toBe(0);
		hearts.burst();
		expect(screen.waiting).toBe(1);
	});

	it('draws an own tap even when the canvas is full, and never more than the most', () => {
		const screen = createScreen();
		const hearts = createHearts(screen.canvas, { maxParticles: 5 });
		for (let i = 0; i < 20; i++) hearts.burst({ count: 500 });
		hearts.burst({ own: true });
		screen.frame(1000);
		expect(screen.frame(1)).toBe(5);
	});

	it('shows at most five particles with reduced motion, under any load, and an own tap among them', () => {
		const screen = createScreen({ reducedMotion: true });
		const hearts = createHearts(screen.canvas);
		hearts.burst();
		screen.frame(400);
		expect(screen.frame(1)).toBe(1);
		for (let i = 0; i < 50; i++) hearts.burst({ count: 500 });
		hearts.burst({ own: true });
		screen.frame(400);
		expect(screen.frame(1)).toBe(5);
	});

	it('stops twice, and draws no frame after', () => {
		const screen = createScreen();
		const hearts = createHearts(screen.canvas);
		hearts.burst();
		hearts.stop();
		hearts.stop();
		hearts.burst();
		expect(screen.waiting).toBe(0);
		expect(screen.listeners.size).toBe(0);
	});
});
