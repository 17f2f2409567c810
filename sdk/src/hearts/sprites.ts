import { painterOf, paintReaction, type ReactionPainter } from './reactions.ts';

/** The room around the drawing for its shadow, as a share of the drawing's edge. */
export const SPRITE_MARGIN = 0.2;

/**
 * Drawings that are rendered once and copied hundreds of times a frame.
 * A copy costs a hundredth of the paths.
 */
export interface Sprites {
	/** Returns the drawing of `type`, square, with `SPRITE_MARGIN` on each side. */
	of(type: string): HTMLCanvasElement;
	/** Drops all drawings when the edge, in device pixels, changes. */
	resize(edge: number): void;
}

/** The most drawings; the oldest is dropped, since types come from the network. */
const MOST_SPRITES = 32;

export function createSprites(document: Document, painters: Readonly<Record<string, ReactionPainter>> = {}): Sprites {
	const sprites = new Map<string, HTMLCanvasElement>();
	let edge = 1;

	function render(type: string): HTMLCanvasElement {
		const canvas = document.createElement('canvas');
		const margin = Math.ceil(edge * SPRITE_MARGIN);
		canvas.width = canvas.height = edge + 2 * margin;
		const context = canvas.getContext('2d');
		if (!context) return canvas;
		context.translate(margin, margin);
		paintReaction(context, type, edge, painterOf(type, painters));
		// Drawn under the finished drawing, so that its parts cast no shadows on each other.
		context.globalCompositeOperation = 'destination-over';
		context.setTransform(1, 0, 0, 1, 0, 0);
		context.shadowColor = 'rgba(0, 0, 0, .35)';
		context.shadowBlur = margin * 0.7;
		context.shadowOffsetY = margin * 0.2;
		context.drawImage(canvas, 0, 0);
		return canvas;
	}

	return {
		of(type) {
			let sprite = sprites.get(type);
			if (sprite) return sprite;
			sprite = render(type);
			sprites.set(type, sprite);
			if (sprites.size > MOST_SPRITES) {
				for (const oldest of sprites.keys()) {
					sprites.delete(oldest);
					break;
				}
			}
			return sprite;
		},
		resize(next) {
			if (next === edge) return;
			edge = next;
			sprites.clear();
		},
	};
}
