/** The length of the clip, in seconds. */
export const LOOP_SECONDS = 12;

/** A clip that plays like a live video. */
export interface LiveClip {
	/** Returns the moment of the show that the viewer sees, in Unix milliseconds; undefined while it stands still. */
	position(): number | undefined;
}

/**
 * Plays the clip like a live video: all viewers see the same moment of the loop.
 * Each loop begins at a multiple of its length since 1970.
 * In a browser without autoplay, the first tap on the stage starts it. With reduced motion, `button` starts it.
 */
export function playLive(clip: HTMLVideoElement, stage: HTMLElement, button: HTMLButtonElement): LiveClip {
	const lessMotion = matchMedia('(prefers-reduced-motion: reduce)');
	/** Whether the viewer wants it to stand still. */
	let held = lessMotion.matches;
	clip.muted = true;

	function join(): void {
		const { duration, seekable } = clip;
		// Without byte ranges from the server a browser cannot seek, and would restart the clip.
		const isSeekable = seekable.length > 0 && seekable.end(seekable.length - 1) >= duration - 0.5;
		if (isSeekable && duration > 0) clip.currentTime = (Date.now() / 1000) % LOOP_SECONDS;
	}

	function play(): void {
		held = false;
		join();
		clip.play().catch(() => undefined);
	}

	function pause(): void {
		held = true;
		clip.pause();
	}

	function showButton(): void {
		button.classList.toggle('paused', clip.paused);
		button.setAttribute('aria-label', clip.paused ? 'Play the video' : 'Pause the video');
	}

	if (clip.readyState >= HTMLMediaElement.HAVE_METADATA) join();
	else clip.addEventListener('loadedmetadata', join, { once: true });
	for (const event of ['play', 'pause']) clip.addEventListener(event, showButton);
	button.addEventListener('click', () => (clip.paused ? play() : pause()));
	stage.addEventListener('pointerup', ({ target }) => {
		if (!held && clip.paused && !button.contains(target as Node)) play();
	});
	lessMotion.addEventListener('change', ({ matches }) => {
		if (matches) pause();
	});
	showButton();
	if (!held) play();
	return {
		position() {
			if (clip.paused) return undefined;
			const now = Date.now() / 1000;
			// The clip falls behind where it loops, or while it loads.
			const loop = Math.round((now - clip.currentTime) / LOOP_SECONDS);
			return Math.min(now, loop * LOOP_SECONDS + clip.currentTime) * 1000;
		},
	};
}
