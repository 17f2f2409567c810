const EVERY_MS = 10_000;
const FIRST_MS = 1000;

/** Sends texts to screen readers. */
export interface Announcer {
	/** Announces the newest text, at most every ten seconds. */
	announce(text: string): void;
	/** Announces a text at once. */
	announceNow(text: string): void;
}

/**
 * Creates an announcer on a live region. A region that changes twenty times a second would be read without a pause.
 */
export function createAnnouncer(region: HTMLElement): Announcer {
	let newest = '';
	let timer: ReturnType<typeof setTimeout> | undefined;

	function speak(): void {
		timer = undefined;
		if (region.textContent === newest) return;
		region.textContent = newest;
		timer = setTimeout(speak, EVERY_MS);
	}

	return {
		announce(text) {
			newest = text;
			if (timer === undefined) timer = setTimeout(speak, FIRST_MS);
		},
		announceNow(text) {
			clearTimeout(timer);
			newest = text;
			speak();
		},
	};
}
