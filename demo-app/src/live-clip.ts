/**
 * Plays the clip like a live video: all viewers see the same moment of the loop.
 * In a browser without autoplay, the first tap starts it.
 */
export function playLive(clip: HTMLVideoElement, stage: HTMLElement): void {
	clip.muted = true;

	function join(): void {
		const { duration, seekable } = clip;
		// Without byte ranges from the server a browser cannot seek, and would restart the clip.
		const isSeekable = seekable.length > 0 && seekable.end(seekable.length - 1) >= duration - 0.5;
		if (isSeekable && duration > 0) clip.currentTime = (Date.now() / 1000) % duration;
	}

	function start(): void {
		if (clip.paused) clip.play().catch(() => undefined);
	}

	if (clip.readyState >= HTMLMediaElement.HAVE_METADATA) join();
	else clip.addEventListener('loadedmetadata', join, { once: true });
	stage.addEventListener('pointerup', start);
	start();
}
