import type { StreamConnection } from './connection-options.ts';

/** How long a hidden page keeps its streams, in milliseconds. */
const GRACE_MS = 5 * 60_000;

export const isHidden = () => document.visibilityState === 'hidden';

/** Whether the page plays something that its viewer may watch or hear while the page is hidden. */
export function playsMedia(): boolean {
	const media = [...document.querySelectorAll<HTMLMediaElement>('video, audio')];
	return Boolean(document.pictureInPictureElement) || media.some(({ paused, ended }) => !paused && !ended);
}

/** Calls when {@link Hiding.look} may see something new. */
export function onPageChange(listener: () => void, signal: AbortSignal): void {
	// `play` does not bubble.
	for (const name of ['visibilitychange', 'play']) document.addEventListener(name, listener, { capture: true, signal });
}

/** What becomes of the streams of a page while it is hidden. */
export interface Hiding {
	/** The streams have ended, until the page is seen or plays media. */
	readonly rests: boolean;
	/** Looks at the page, and at streams that are new. */
	look(): void;
	/** Resumes the streams, unless they rest. */
	resume(): void;
	stop(): void;
}

/**
 * Slows the streams of a hidden page at once, and ends them after five minutes, unless the page plays media. Streams go on
 * where they were when the page is seen again.
 *
 * @param onRest the streams end now.
 */
export function createHiding(streams: () => readonly StreamConnection[], onRest = () => {}): Hiding {
	let rests = false;
	let timer: ReturnType<typeof setTimeout> | undefined;

	function end(): void {
		timer = undefined;
		rests = isHidden() && !playsMedia();
		if (rests) onRest();
		look();
	}

	function look(): void {
		const hidden = isHidden();
		const woke = rests && (!hidden || playsMedia());
		if (woke) rests = false;
		if (!hidden || rests) {
			clearTimeout(timer);
			timer = undefined;
		} else timer ??= setTimeout(end, GRACE_MS);
		for (const stream of streams()) {
			stream.setPace(hidden ? 'slow' : 'normal');
			if (rests) stream.suspend();
			else if (woke) stream.resume();
		}
	}

	return {
		get rests() {
			return rests;
		},
		look,
		resume() {
			look();
			if (!rests) for (const stream of streams()) stream.resume();
		},
		stop: () => clearTimeout(timer),
	};
}
