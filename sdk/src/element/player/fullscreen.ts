/** The whole screen for an element, or the whole page where a browser gives the screen to videos alone. */
export interface Fullscreen {
	readonly isOn: boolean;
	toggle(): void;
	stop(): void;
}

/**
 * Gives the screen to an element with all that is inside of it, so that hearts fly over a video there.
 * On iPhones the element fills the page: the attribute `expanded`.
 */
export function createFullscreen(element: HTMLElement, onChange: () => void): Fullscreen {
	const isOn = () => document.fullscreenElement === element || element.hasAttribute('expanded');

	function expand(isExpanded: boolean): void {
		element.toggleAttribute('expanded', isExpanded);
		onChange();
	}

	function onKey(event: KeyboardEvent): void {
		if (event.key === 'Escape' && element.hasAttribute('expanded')) expand(false);
	}

	document.addEventListener('fullscreenchange', onChange);
	element.addEventListener('keydown', onKey);
	return {
		get isOn() {
			return isOn();
		},
		toggle() {
			if (document.fullscreenElement === element) void document.exitFullscreen();
			else if (element.hasAttribute('expanded')) expand(false);
			else if (!document.fullscreenEnabled) expand(true);
			// A frame may forbid it.
			else element.requestFullscreen().catch(() => expand(true));
		},
		stop() {
			document.removeEventListener('fullscreenchange', onChange);
			element.removeEventListener('keydown', onKey);
		},
	};
}
