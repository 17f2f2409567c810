import { type AnyCanvas, type AnyContext, type CreateCanvas, contextOf } from './canvases.ts';
import { createSpriteSteps, type SpriteSteps } from './sprite-steps.ts';

/** The room around the drawing for its shadow, as a share of the drawing's edge. */
export const SPRITE_MARGIN = 0.12;

/** The drawing of a reaction type, rendered once and copied hundreds of times a frame. */
export interface Sprite {
	/** Square, with `SPRITE_MARGIN` on each side. */
	readonly image: AnyCanvas;
	/** Smaller and rotated copies of it. */
	readonly steps: SpriteSteps;
}

/** The sprites of a canvas. A copy costs a hundredth of the paths. */
export interface Sprites {
	of(type: string): Sprite;
	/** Drops all sprites when the edge, in device pixels, changes. */
	resize(edge: number): void;
	/** Drops the sprite of a type whose drawing changed. */
	drop(type: string): void;
}

/** Draws a reaction type as a square of `edge` at the context's origin. */
export type DrawReaction = (context: AnyContext, type: string, edge: number) => void;

/** The most drawings; the oldest is dropped, since types come from the network. */
const MOST_SPRITES = 32;
/** The most copies of all sprites, some 10 MB. Five types of reactions need at most 560. */
const MOST_COPIES = 700;

export function createSprites(createCanvas: CreateCanvas, draw: DrawReaction): Sprites {
	const sprites = new Map<string, Sprite>();
	let edge = 1;
	let copies = 0;

	function createCopy(copyEdge: number): AnyCanvas {
		if (++copies > MOST_COPIES) {
			copies = 1;
			sprites.clear();
		}
		return createCanvas(copyEdge);
	}

	function render(type: string): Sprite {
		const margin = Math.ceil(edge * SPRITE_MARGIN);
		const image = createCanvas(edge + 2 * margin);
		const context = contextOf(image);
		if (context) {
			context.translate(margin, margin);
			draw(context, type, edge);
			// Drawn under the finished drawing, so that its parts cast no shadows on each other.
			context.globalCompositeOperation = 'destination-over';
			context.setTransform(1, 0, 0, 1, 0, 0);
			context.shadowColor = 'rgba(0, 0, 0, .4)';
			context.shadowBlur = margin;
			context.shadowOffsetY = margin * 0.25;
			context.drawImage(image, 0, 0);
		}
		return { image, steps: createSpriteSteps(image, edge, createCopy) };
	}

	return {
		of(type) {
			let sprite = sprites.get(type);
			if (sprite) return sprite;
			sprite = render(type);
			sprites.set(type, sprite);
			if (sprites.size > MOST_SPRITES) sprites.delete(sprites.keys().next().value as string);
			return sprite;
		},
		resize(next) {
			if (next === edge) return;
			edge = next;
			sprites.clear();
		},
		drop(type) {
			sprites.delete(type);
		},
	};
}
