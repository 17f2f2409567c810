import type { Place } from '../base/live.ts';

const WITHIN_MS = 320;
const WITHIN_PIXELS = 40;

/**
 * Calls a function with the place of each double tap; each further quick tap counts again.
 * By pointer events: touch browsers that zoom on a double tap send no `dblclick`.
 */
export function onDoubleTap(stage: HTMLElement, listener: (place: Place) => void): void {
	let previous: (Place & { readonly at: number }) | undefined;
	stage.addEventListener('pointerup', (event) => {
		if (!event.isPrimary || event.button !== 0) return;
		const tap = { x: event.clientX, y: event.clientY, at: event.timeStamp };
		const isSecond =
			previous !== undefined &&
			tap.at - previous.at <= WITHIN_MS &&
			Math.hypot(tap.x - previous.x, tap.y - previous.y) <= WITHIN_PIXELS;
		previous = tap;
		if (!isSecond) return;
		const box = stage.getBoundingClientRect();
		listener({ x: tap.x - box.left, y: tap.y - box.top });
	});
}
