import { birthOf, planBurst, scaleOf } from './burst-plan.ts';
import { capacityOf, pixelRatioOf } from './canvas-budget.ts';
import { createPose, type Field, fieldOf, launch, poseAt } from './particle.ts';
import { createParticlePool } from './particle-pool.ts';
import type { ReactionPainter } from './reactions.ts';
import { createSprites, SPRITE_MARGIN } from './sprites.ts';

/** How `createHearts` draws. All fields are optional. */
export interface HeartsOptions {
	/** Where hearts rise from, as shares of the canvas: 0, 0 is its top left corner. Default 0.88, 1. */
	readonly origin?: { readonly x: number; readonly y: number };
	/** The most particles drawn at a time. Default 300; a small canvas draws fewer. */
	readonly maxParticles?: number;
	/** Drawings of your own reaction types, or replacements of the built-in ones. */
	readonly reactions?: Readonly<Record<string, ReactionPainter>>;
	/** A source of numbers from 0 to 1. Default `Math.random`. */
	readonly random?: () => number;
}

/** Likes to show. */
export interface Burst {
	/** The reaction type. Default `heart`. */
	readonly type?: string;
	/** The number of likes. Default 1; fewer particles show many likes, spread over a moment. */
	readonly count?: number;
	/** The user's own tap: larger, at once, and drawn under any load. Default false. */
	readonly own?: boolean;
	/** Where it rises from instead of the origin, in CSS pixels from the canvas's top left corner. */
	readonly from?: { readonly x: number; readonly y: number };
}

/** Floating reactions on one canvas. `createHearts` makes it. */
export interface Hearts {
	/** Lets likes float up. */
	burst(burst?: Burst): void;
	/** Clears the canvas and releases it. Idempotent. */
	stop(): void;
}

/** The largest scale of a particle, for which sprites are rendered. */
const LARGEST_SCALE = 1.4;

/**
 * Draws floating reactions on a canvas that lies over a video.
 *
 * It follows the canvas's CSS size and the screen's pixels. It asks for frames only while a particle floats and the page
 * is visible. With `prefers-reduced-motion`, reactions fade in and out in place. The canvas should have
 * `pointer-events: none`. Throws when the canvas has no 2d context or belongs to no window.
 *
 * ```ts
 * const hearts = createHearts(canvas);
 * video.on('likes', ({ delta }) => {
 * 	for (const [type, count] of Object.entries(delta)) hearts.burst({ type, count });
 * });
 * ```
 */
export function createHearts(canvas: HTMLCanvasElement, options: HeartsOptions = {}): Hearts {
	const { origin = { x: 0.88, y: 1 }, maxParticles = 300, random = Math.random } = options;
	const document = canvas.ownerDocument;
	const window = document.defaultView;
	const context = canvas.getContext('2d');
	if (!window || !context) throw new Error('createHearts requires a canvas in a window, with a 2d context');

	const pool = createParticlePool(maxParticles);
	const sprites = createSprites(document, options.reactions);
	const lessMotion = window.matchMedia('(prefers-reduced-motion: reduce)');
	const observer = new window.ResizeObserver(fit);
	const pose = createPose();
	let field: Field = { width: 0, height: 0, x: 0, y: 0, unit: 0 };
	let pixelRatio = 1;
	let frame = 0;

	function fit() {
		const width = canvas.clientWidth;
		const height = canvas.clientHeight;
		pixelRatio = pixelRatioOf(width, height, window?.devicePixelRatio ?? 1);
		field = fieldOf(width, height, origin);
		sprites.resize(Math.ceil(field.unit * LARGEST_SCALE * pixelRatio));
		// Setting the size clears the canvas, even if it stays the same.
		const pixelWidth = Math.round(width * pixelRatio);
		const pixelHeight = Math.round(height * pixelRatio);
		if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
		if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
		// The cleared canvas is drawn again before the screen shows it.
		if (frame !== 0 && window) {
			window.cancelAnimationFrame(frame);
			draw(window.performance.now());
		}
	}

	function clear() {
		context?.setTransform(1, 0, 0, 1, 0, 0);
		context?.clearRect(0, 0, canvas.width, canvas.height);
	}

	function draw(now: number) {
		frame = 0;
		pool.sweep(now);
		clear();
		for (let i = 0; i < pool.taken; i++) drawParticle(i, now);
		if (pool.taken > 0) requestFrame();
	}

	function drawParticle(index: number, now: number) {
		const particle = pool.particles[index];
		if (!particle || !context) return;
		poseAt(particle, now, pose);
		if (pose.opacity <= 0 || pose.size <= 0) return;
		const edge = pose.size * (1 + 2 * SPRITE_MARGIN) * pixelRatio;
		const cos = Math.cos(pose.angle);
		const sin = Math.sin(pose.angle);
		context.globalAlpha = pose.opacity;
		context.setTransform(cos, sin, -sin, cos, pose.x * pixelRatio, pose.y * pixelRatio);
		context.drawImage(sprites.of(particle.type), -edge / 2, -edge / 2, edge, edge);
	}

	function requestFrame() {
		if (frame === 0 && window) frame = window.requestAnimationFrame(draw);
	}

	/** Stops in a hidden page, which gets no frames: particles that pile up would be old on its return. */
	function onVisibilityChange() {
		if (document.hidden) rest();
		else fit();
	}

	function rest() {
		if (frame !== 0) window?.cancelAnimationFrame(frame);
		frame = 0;
		pool.clear();
		clear();
	}

	fit();
	observer.observe(canvas);
	document.addEventListener('visibilitychange', onVisibilityChange);
	let stopped = false;

	return {
		burst({ type = 'heart', count = 1, own = false, from } = {}) {
			if (stopped || document.hidden || field.width === 0 || field.height === 0) return;
			// A move to another screen changes the pixel ratio without a resize.
			if (pool.taken === 0) fit();
			const calm = lessMotion.matches;
			const capacity = capacityOf(field.width, field.height, maxParticles);
			const plan = planBurst({ count, own, calm, free: capacity - pool.taken });
			const now = window.performance.now();
			const start = from ? { ...field, ...from } : field;
			for (let i = 0; i < plan.particles; i++) {
				const particle = pool.take(capacity) ?? (own ? pool.takeOldest() : undefined);
				if (!particle) break;
				const bornAt = now + birthOf(plan, i, random);
				launch(particle, { type, bornAt, scale: scaleOf(plan, random), calm }, start, random);
			}
			if (pool.taken > 0) requestFrame();
		},
		stop() {
			if (stopped) return;
			stopped = true;
			observer.disconnect();
			document.removeEventListener('visibilitychange', onVisibilityChange);
			rest();
		},
	};
}
