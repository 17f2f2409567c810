/** A tap, in CSS pixels and milliseconds. */
export interface Tap {
	readonly x: number;
	readonly y: number;
	readonly at: number;
}

const WITHIN_MS = 320;
const WITHIN_PIXELS = 40;

/** Returns whether `tap` and `previous` are a double tap. */
export function isDoubleTap(previous: Tap | undefined, tap: Tap): boolean {
	if (previous === undefined || tap.at - previous.at > WITHIN_MS) return false;
	return Math.hypot(tap.x - previous.x, tap.y - previous.y) <= WITHIN_PIXELS;
}

/**
 * Calls `listener` with the position in `element` for each double tap; each further quick tap counts again.
 * It uses pointer events, since touch browsers that zoom on a double tap send no `dblclick`.
 */
export function onDoubleTap(element: HTMLElement, listener: (place: { x: number; y: number }) => void): void {
	let previous: Tap | undefined;
	element.addEventListener('pointerup', (event) => {
		if (!event.isPrimary || event.button !== 0 || (event.target as Element).closest('button, a')) return;
		const tap = { x: event.clientX, y: event.clientY, at: event.timeStamp };
		const isSecond = isDoubleTap(previous, tap);
		previous = tap;
		if (!isSecond) return;
		const box = element.getBoundingClientRect();
		listener({ x: tap.x - box.left, y: tap.y - box.top });
	});
}
