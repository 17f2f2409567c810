import { pixelRatioOf } from './canvas-budget.ts';
import { contextOf } from './canvases.ts';
import { createDrawings, type Reaction } from './drawings.ts';
import { type Burst, createRenderer, type Renderer } from './renderer.ts';
import { warn } from './warn.ts';

/** How `createHearts` draws. All fields are optional. */
export interface HeartsOptions {
	/** Where hearts rise from, as shares of the canvas: 0, 0 is its top left corner. Default 0.88, 1. */
	readonly origin?: { readonly x: number; readonly y: number };
	/** The most particles drawn at a time. Default 300; a small canvas draws fewer. */
	readonly maxParticles?: number;
	/** Drawings of your own reaction types, or replacements of the built-in ones: painters, emoji, images. */
	readonly reactions?: Readonly<Record<string, Reaction>>;
	/**
	 * The address of `hearts-worker.js` on the origin of the page. A worker draws there, where the browser can; the canvas must
	 * have had no context. Default: the page draws.
	 */
	readonly worker?: string | URL;
	/** A source of numbers from 0 to 1, where the page draws. Default `Math.random`. */
	readonly random?: () => number;
}

/** Floating reactions on one canvas. `createHearts` makes it. */
export interface Hearts {
	/** Lets likes float up. */
	burst(burst?: Burst): void;
	/** Clears the canvas and releases it, and ends the worker. Idempotent. */
	stop(): void;
}

function refuse(): never {
	throw new Error('createHearts requires a canvas with a window and a 2d context');
}

/** The most bursts that wait for the worker to start; the oldest is dropped. */
const MOST_WAITING = 50;

/**
 * Draws floating reactions on a canvas that lies over a video.
 *
 * It follows the canvas's CSS size and the screen's pixels. It asks for frames only while a particle floats and the page
 * is visible. With `prefers-reduced-motion`, at most five reactions at a time fade in and out in place. The canvas should
 * have `pointer-events: none`. Throws when the canvas has no 2d context or belongs to no window.
 *
 * ```ts
 * const hearts = createHearts(canvas, { reactions: { fire: '🔥', logo: '/logo.png' } });
 * video.on('likes', ({ delta }) => {
 * 	for (const [type, count] of Object.entries(delta)) hearts.burst({ type, count });
 * });
 * ```
 */
export function createHearts(canvas: HTMLCanvasElement, options: HeartsOptions = {}): Hearts {
	const { origin = { x: 0.88, y: 1 }, maxParticles = 300, random = Math.random, reactions = {}, worker } = options;
	const document = canvas.ownerDocument;
	const window = document.defaultView ?? refuse();

	const createCanvas = (edge: number) => Object.assign(document.createElement('canvas'), { width: edge, height: edge });
	const drawings = createDrawings(window, reactions, createCanvas, (type) => renderer?.redraw(type));
	const lessMotion = window.matchMedia('(prefers-reduced-motion: reduce)');
	const observer = new window.ResizeObserver(fit);
	const waiting: Burst[] = [];
	const settings = { origin, maxParticles };
	let renderer: Renderer | undefined;
	let isStopped = false;

	function drawInPage(): Renderer {
		const context = contextOf(canvas) ?? refuse();
		return createRenderer(settings, { canvas, context, frames: window, createCanvas, draw: drawings.draw, random });
	}

	async function drawInWorker(address: string | URL) {
		try {
			const { createWorkerRenderer } = await import('./worker-renderer.ts');
			renderer = await createWorkerRenderer(canvas, window, address, settings, drawings);
		} catch (error) {
			warn(`the page draws: ${error}`);
		}
		if (isStopped) return renderer?.stop();
		renderer ??= drawInPage();
		fit();
		for (const one of waiting) burst(one);
		waiting.length = 0;
	}

	function fit() {
		const { clientWidth: width, clientHeight: height } = canvas;
		renderer?.resize({ width, height, pixelRatio: pixelRatioOf(width, height, window.devicePixelRatio) });
	}

	/** Stops in a hidden page, which gets no frames: particles that pile up would be old on its return. */
	function onVisibilityChange() {
		if (!document.hidden) return fit();
		waiting.length = 0;
		renderer?.rest();
	}

	function burst(one: Burst = {}) {
		if (isStopped || document.hidden) return;
		if (!renderer) {
			if (waiting.push(one) > MOST_WAITING) waiting.shift();
			return;
		}
		// A move to another screen changes the pixel ratio without a resize.
		if (renderer.isIdle()) fit();
		renderer.burst(one, lessMotion.matches);
	}

	if (worker === undefined) renderer = drawInPage();
	// A canvas that a worker had before has no context in the page.
	else drawInWorker(worker).catch(warn);
	fit();
	observer.observe(canvas);
	document.addEventListener('visibilitychange', onVisibilityChange);

	return {
		burst,
		stop() {
			if (isStopped) return;
			isStopped = true;
			waiting.length = 0;
			observer.disconnect();
			document.removeEventListener('visibilitychange', onVisibilityChange);
			renderer?.stop();
		},
	};
}
