/**
 * Plays the clip like a live video: all viewers see the same moment of the loop.
 * In a browser without autoplay, the first tap on the stage starts it. With reduced motion, `button` starts it.
 */
export function playLive(clip: HTMLVideoElement, stage: HTMLElement, button: HTMLButtonElement): void {
	const lessMotion = matchMedia('(prefers-reduced-motion: reduce)');
	/** Whether the viewer wants it to stand still. */
	let held = lessMotion.matches;
	clip.muted = true;

	function join(): void {
		const { duration, seekable } = clip;
		// Without byte ranges from the server a browser cannot seek, and would restart the clip.
		const isSeekable = seekable.length > 0 && seekable.end(seekable.length - 1) >= duration - 0.5;
		if (isSeekable && duration > 0) clip.currentTime = (Date.now() / 1000) % duration;
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
}
