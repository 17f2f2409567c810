/** A canvas of a page, or one that a worker can have. */
export type AnyCanvas = HTMLCanvasElement | OffscreenCanvas;

/** What draws on it. */
export type AnyContext = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Creates a canvas that no screen shows: pages and workers have different ones. */
export type CreateCanvas = (edge: number) => AnyCanvas;

/** Returns the 2d context of a canvas; null if it has none. */
export function contextOf(canvas: AnyCanvas): AnyContext | null {
	return canvas.getContext('2d') as AnyContext | null;
}
