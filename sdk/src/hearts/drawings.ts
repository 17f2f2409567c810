import { type AnyContext, type CreateCanvas, contextOf } from './canvases.ts';
import { painterOf, paintReaction, type ReactionPainter } from './reactions.ts';
import { warn } from './warn.ts';

/**
 * The drawing of a reaction type: a painter, an image, or a text such as an emoji. A text that begins with `/`, `./`,
 * `../`, a scheme and `//`, `data:` or `blob:` is the address of an image.
 */
export type Reaction = ReactionPainter | ImageBitmap | URL | string;

/** The drawings of a page. A reaction that cannot be drawn is a heart in its own colour, with one warning. */
export interface Drawings {
	/** The types with a drawing of the page. */
	readonly types: readonly string[];
	/** Draws a type as a square of `edge` at the context's origin; nothing while its image loads. */
	draw(context: AnyContext, type: string, edge: number): void;
	/** Makes a type a heart, with a warning that says why. */
	fail(type: string, reason: string): void;
}

type Draw = (context: AnyContext, edge: number) => void;

const ADDRESS = /^(\w[\w+.-]*:\/\/|data:|blob:|\.{0,2}\/)/i;

/** Fits a text into the square: fonts place their emoji at different heights. */
const drawText =
	(text: string): Draw =>
	(context, edge) => {
		context.font = `${edge}px sans-serif`;
		context.fillStyle = '#fff';
		const box = context.measureText(text);
		const [left, right] = [box.actualBoundingBoxLeft, box.actualBoundingBoxRight];
		const [above, below] = [box.actualBoundingBoxAscent, box.actualBoundingBoxDescent];
		const fit = (edge * 0.92) / Math.max(1, left + right, above + below);
		context.translate(edge / 2, edge / 2);
		context.scale(fit, fit);
		context.fillText(text, (left - right) / 2, (above - below) / 2);
	};

/** Fits an image into the square, with its proportions. */
const drawImage =
	(image: CanvasImageSource, width: number, height: number): Draw =>
	(context, edge) => {
		const fit = edge / Math.max(width, height);
		context.imageSmoothingQuality = 'high';
		context.drawImage(image, (edge - width * fit) / 2, (edge - height * fit) / 2, width * fit, height * fit);
	};

/**
 * @param onChange called with a type when its image loaded, or did not.
 */
export function createDrawings(
	window: Window & typeof globalThis,
	reactions: Readonly<Record<string, Reaction>>,
	createCanvas: CreateCanvas,
	onChange: (type: string) => void,
): Drawings {
	const drawings = new Map<string, Draw>();

	function fail(type: string, reason: string) {
		drawings.delete(type);
		warn(`'${type}' is a heart, since its ${reason}`);
	}

	/** Images of other origins load with CORS: without its header they fail, and would taint the canvas. */
	async function load(type: string, address: string) {
		drawings.set(type, () => undefined);
		const image = new window.Image();
		image.crossOrigin = 'anonymous';
		image.src = address;
		try {
			await image.decode();
			drawings.set(type, drawImage(image, image.naturalWidth || 1, image.naturalHeight || 1));
		} catch {
			fail(type, 'image did not load (CSP, CORS?)');
		}
		onChange(type);
	}

	function add(type: string, reaction: Reaction) {
		if (typeof reaction === 'function') {
			drawings.set(type, (context, edge) => paintReaction(context as CanvasRenderingContext2D, type, edge, reaction));
		} else if (typeof reaction === 'object' && 'close' in reaction) {
			const draw = drawImage(reaction, reaction.width, reaction.height);
			drawings.set(type, draw);
			// What taints a canvas is not readable, nor can a worker have it.
			const context = contextOf(createCanvas(1)) as AnyContext;
			try {
				draw(context, 1);
				context.getImageData(0, 0, 1, 1);
			} catch {
				fail(type, 'ImageBitmap is not readable (CORS?)');
			}
		} else if (ADDRESS.test(`${reaction}`)) load(type, `${reaction}`);
		else drawings.set(type, drawText(`${reaction}`));
	}

	for (const [type, reaction] of Object.entries(reactions)) add(type, reaction);

	return {
		types: Object.keys(reactions),
		fail,
		draw(context, type, edge) {
			const draw = drawings.get(type);
			context.save();
			try {
				draw?.(context, edge);
			} catch (error) {
				fail(type, `painter threw ${error}`);
			}
			context.restore();
			if (!drawings.has(type)) paintReaction(context as CanvasRenderingContext2D, type, edge, painterOf(type));
		},
	};
}
