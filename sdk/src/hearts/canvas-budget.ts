/** Beyond two device pixels for one, or so many in all, pixels are paid for each frame and hardly seen. */
const MOST_PIXEL_RATIO = 2;
const MOST_PIXELS = 2_000_000;

/** How many device pixels an edge of one CSS pixel gets on a canvas of this size (CSS pixels). */
export function pixelRatioOf(width: number, height: number, screenRatio: number): number {
	const affordable = Math.max(1, Math.sqrt(MOST_PIXELS / Math.max(1, width * height)));
	return Math.min(screenRatio, MOST_PIXEL_RATIO, affordable);
}

/** How many particles a canvas of this size (CSS pixels) bears before it is a wall of hearts. */
export function capacityOf(width: number, height: number, most: number): number {
	return Math.min(most, Math.ceil((width * height) / 700));
}
