import { birthOf, createLikeRate, planBurst, scaleOf } from './burst-plan.ts';
import { capacityOf } from './canvas-budget.ts';
import type { AnyCanvas, AnyContext, CreateCanvas } from './canvases.ts';
import { createPose, type Field, fieldOf, launch, type Particle, poseAt } from './particle.ts';
import { createParticlePool } from './particle-pool.ts';
import { createSprites, type DrawReaction, SPRITE_MARGIN } from './sprites.ts';

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

/** The size of a canvas in CSS pixels, and the device pixels along one of them. */
export interface CanvasSize {
	readonly width: number;
	readonly height: number;
	readonly pixelRatio: number;
}

/** Where reactions rise from, and how many float at a time. */
export interface RendererSettings {
	readonly origin: { readonly x: number; readonly y: number };
	readonly maxParticles: number;
}

/** What a window and a worker have in common. */
export type FrameSource = Pick<Window, 'requestAnimationFrame' | 'cancelAnimationFrame' | 'performance'>;

export interface RendererParts {
	readonly canvas: AnyCanvas;
	readonly context: AnyContext;
	readonly frames: FrameSource;
	readonly createCanvas: CreateCanvas;
	readonly draw: DrawReaction;
	readonly random: () => number;
}

/** Draws floating reactions on a canvas, of a page or of a worker. Asks for frames only while a particle floats. */
export interface Renderer {
	/** Returns whether no particle floats. */
	isIdle(): boolean;
	resize(size: CanvasSize): void;
	/** @param calm whether the user asked for less motion. */
	burst(burst: Burst, calm: boolean): void;
	/** Renders a type again, since its drawing changed. */
	redraw(type: string): void;
	/** Ends all flights and clears the canvas. */
	rest(): void;
	/** Rests for good, and ends what draws. */
	stop(): void;
}

/** The largest scale of a particle, for which sprites are rendered. */
const LARGEST_SCALE = 1.4;

/** The number of particles from which on new ones move in steps: a user may follow one of fewer. */
const CROWD = 60;

export function createRenderer(settings: RendererSettings, parts: RendererParts): Renderer {
	const { origin, maxParticles } = settings;
	const { canvas, context, frames, createCanvas, draw: drawReaction, random } = parts;
	const pool = createParticlePool(maxParticles);
	const rate = createLikeRate();
	const sprites = createSprites(createCanvas, drawReaction);
	const pose = createPose();
	let field: Field = fieldOf(0, 0, origin);
	let pixelRatio = 1;
	let frame = 0;

	function clear() {
		context.setTransform(1, 0, 0, 1, 0, 0);
		context.clearRect(0, 0, canvas.width, canvas.height);
	}

	function draw(now: number) {
		frame = 0;
		pool.sweep(now);
		clear();
		for (let i = 0; i < pool.taken; i++) drawParticle(pool.particles[i] as Particle, now);
		if (pool.taken > 0) requestFrame();
	}

	function drawParticle(particle: Particle, now: number) {
		poseAt(particle, now, pose);
		if (pose.opacity <= 0.01 || pose.size <= 0) return;
		const { image, steps } = sprites.of(particle.type);
		const size = pose.size * pixelRatio;
		const x = pose.x * pixelRatio;
		const y = pose.y * pixelRatio;
		context.globalAlpha = pose.opacity;
		const copy = particle.crowded ? steps.at(size, pose.angle) : undefined;
		if (copy) {
			const half = copy.width / 2;
			context.setTransform(1, 0, 0, 1, Math.round(x - half), Math.round(y - half));
			context.drawImage(copy, 0, 0);
			return;
		}
		const edge = size * (1 + 2 * SPRITE_MARGIN);
		const cos = Math.cos(pose.angle);
		const sin = Math.sin(pose.angle);
		context.setTransform(cos, sin, -sin, cos, x, y);
		context.drawImage(image, -edge / 2, -edge / 2, edge, edge);
	}

	function requestFrame() {
		if (frame === 0) frame = frames.requestAnimationFrame(draw);
	}

	function cancelFrame() {
		if (frame !== 0) frames.cancelAnimationFrame(frame);
		frame = 0;
	}

	function rest() {
		cancelFrame();
		pool.clear();
		clear();
	}

	return {
		isIdle: () => pool.taken === 0,
		resize({ width, height, pixelRatio: ratio }) {
			pixelRatio = ratio;
			field = fieldOf(width, height, origin);
			sprites.resize(Math.ceil(field.unit * LARGEST_SCALE * pixelRatio));
			// Setting the size clears the canvas, even if it stays the same.
			const pixelWidth = Math.round(width * pixelRatio);
			const pixelHeight = Math.round(height * pixelRatio);
			if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
			if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
			// The cleared canvas is drawn again before the screen shows it.
			if (frame !== 0) {
				cancelFrame();
				draw(frames.performance.now());
			}
		},
		burst({ type = 'heart', count = 1, own = false, from }, calm) {
			const { width, height } = field;
			if (width * height === 0) return;
			const capacity = capacityOf(width, height, maxParticles, calm);
			const now = frames.performance.now();
			const recent = rate.add(count, now);
			const plan = planBurst({ count, recent, own, capacity, free: capacity - pool.taken }, random);
			const start = from ? { ...field, ...from } : field;
			for (let i = 0; i < plan.particles; i++) {
				const crowded = pool.taken >= CROWD;
				const particle = pool.take(capacity) ?? (own ? pool.takeOldest() : undefined);
				if (!particle) break;
				const bornAt = now + birthOf(plan, i, random);
				const scale = scaleOf(plan, random);
				launch(particle, { type, bornAt, scale, calm, crowded: crowded && !own }, start, random);
			}
			if (pool.taken > 0) requestFrame();
		},
		redraw: sprites.drop,
		rest,
		stop: rest,
	};
}
