import type { StreamConnection } from './connection-options.ts';
import { createHiding, type Hiding, type Visibility } from './hiding.ts';

/** A page whose streams slow down and end while it is hidden. */
export interface Page extends Visibility {
	/** Calls the listener whenever the page may have become hidden or visible, or begun to play media. */
	onChange(listener: () => void, signal: AbortSignal): void;
	/** See {@link createHiding}. */
	hide(streams: () => readonly StreamConnection[], onRest?: () => void): Hiding;
}

/** The page of a browser. */
export const PAGE: Page = {
	isHidden: () => document.visibilityState === 'hidden',
	playsMedia() {
		const media = [...document.querySelectorAll<HTMLMediaElement>('video, audio')];
		return Boolean(document.pictureInPictureElement) || media.some(({ paused, ended }) => !paused && !ended);
	},
	onChange(listener, signal) {
		// `play` does not bubble.
		for (const name of ['visibilitychange', 'play']) {
			document.addEventListener(name, listener, { capture: true, signal });
		}
	},
	hide: (streams, onRest) => createHiding(PAGE, streams, onRest),
};
