/** How often the playhead is read, in milliseconds. */
const EVERY_MS = 100;

/**
 * Calls a function while the playhead of a media moves; `jumped` is whether it did not play to where it is now.
 * By a timer: the event `timeupdate` comes four times a second, and frames do not come in a hidden page.
 * Returns a function that ends it.
 */
export function startClock(media: HTMLMediaElement, onMove: (jumped: boolean) => void): () => void {
	let time = media.currentTime;
	let jumped = false;

	function jump(): void {
		jumped = true;
	}

	const timer = setInterval(() => {
		if (media.seeking || (media.currentTime === time && !jumped)) return;
		const hasJumped = jumped;
		time = media.currentTime;
		jumped = false;
		onMove(hasJumped);
	}, EVERY_MS);
	const jumps = ['seeking', 'emptied', 'ended'];
	for (const name of jumps) media.addEventListener(name, jump);
	return () => {
		clearInterval(timer);
		for (const name of jumps) media.removeEventListener(name, jump);
	};
}
