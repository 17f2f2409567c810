import { type AnyCanvas, type CreateCanvas, contextOf } from './canvases.ts';

/** Sizes differ by 9 %, angles by 6°: smaller steps are not visible among many particles. */
const SIZES_PER_DOUBLING = 8;
const SIZES = 16;
const RADIANS = 0.1;
/** The number of steps to each side. */
const TURNS = 3;

/** The room for a rotated square: its drawing fits, and the farthest bit of its shadow is cut off. */
const ROOM = 1.26;

/** Copies of a sprite in steps of size and angle, each rendered when it is needed. */
export interface SpriteSteps {
	/**
	 * Returns the copy of this size (device pixels, without margin) and angle; undefined for a size or an angle out of range.
	 */
	at(size: number, angle: number): AnyCanvas | undefined;
}

/**
 * Creates the copies of a sprite with a drawing of `edge`.
 * Without a GPU, to scale and rotate 500 sprites takes 20 to 30 ms a frame, and to copy as many as they are takes 4 to 6.
 */
export function createSpriteSteps(image: AnyCanvas, edge: number, createCanvas: CreateCanvas): SpriteSteps {
	const copies: (AnyCanvas | undefined)[] = [];

	function render(size: number, angle: number): AnyCanvas {
		const copy = createCanvas(Math.ceil(size * ROOM));
		const context = contextOf(copy);
		if (!context) return copy;
		const drawn = (image.width * size) / edge;
		context.translate(copy.width / 2, copy.width / 2);
		context.rotate(angle);
		context.imageSmoothingQuality = 'high';
		context.drawImage(image, -drawn / 2, -drawn / 2, drawn, drawn);
		return copy;
	}

	return {
		at(size, angle) {
			const smaller = Math.round(SIZES_PER_DOUBLING * Math.log2(edge / size));
			const turn = Math.round(angle / RADIANS);
			if (!(smaller >= 0 && smaller < SIZES && Math.abs(turn) <= TURNS)) return undefined;
			const index = smaller * (2 * TURNS + 1) + turn + TURNS;
			let copy = copies[index];
			if (copy) return copy;
			copy = render(edge / 2 ** (smaller / SIZES_PER_DOUBLING), turn * RADIANS);
			copies[index] = copy;
			return copy;
		},
	};
}
