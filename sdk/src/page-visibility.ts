import type { Visibility } from './hiding.ts';

/** The page of a browser. */
export const PAGE: Visibility = {
	isHidden: () => document.visibilityState === 'hidden',
	playsMedia() {
		const media = [...document.querySelectorAll<HTMLMediaElement>('video, audio')];
		return Boolean(document.pictureInPictureElement) || media.some(({ paused, ended }) => !paused && !ended);
	},
};

/** Calls when the page may be hidden or seen, or play media, from now on. */
export function onPageChange(listener: () => void, signal: AbortSignal): void {
	// `play` does not bubble.
	for (const name of ['visibilitychange', 'play']) document.addEventListener(name, listener, { capture: true, signal });
}
