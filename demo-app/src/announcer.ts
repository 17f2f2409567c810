const EVERY_MS = 10_000;

/**
 * Reads totals out to those who listen, at most every ten seconds and only what is newest: a live region that changes
 * twenty times a second would never stop talking.
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
