/** The bounds of a canvas: more device pixels cost time at each frame and are hardly visible. */
const MOST_PIXEL_RATIO = 2;
const MOST_PIXELS = 2_000_000;

/**
 * The most particles of a user with less motion: each fades in and out within 1.8 s, so a screen flashes at most three
 * times a second (WCAG 2.3.1).
 */
const MOST_CALM = 5;

/** Returns the device pixels along one CSS pixel on a canvas of this size (CSS pixels). */
export function pixelRatioOf(width: number, height: number, screenRatio: number): number {
	const affordable = Math.max(1, Math.sqrt(MOST_PIXELS / Math.max(1, width * height)));
	return Math.min(screenRatio, MOST_PIXEL_RATIO, affordable);
}

/**
 * Returns the most particles on a canvas of this size (CSS pixels); `calm` is for users with less motion.
 * More would look like a wall of hearts.
 */
export function capacityOf(width: number, height: number, most: number, calm: boolean): number {
	return Math.min(most, Math.ceil((width * height) / 700), calm ? MOST_CALM : Number.POSITIVE_INFINITY);
}
