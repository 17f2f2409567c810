const EVERY_MS = 10_000;

/**
 * Creates a function that announces the newest text to screen readers, at most every ten seconds: a live region that changes
 * twenty times a second would be read without a pause.
 */
export function createAnnouncer(region: HTMLElement): (text: string) => void {
	let newest = '';
	let timer: ReturnType<typeof setTimeout> | undefined;

	function speak(): void {
		timer = undefined;
		if (region.textContent === newest) return;
		region.textContent = newest;
		timer = setTimeout(speak, EVERY_MS);
	}

	return (text) => {
		newest = text;
		if (timer === undefined) timer = setTimeout(speak, 1000);
	};
}
