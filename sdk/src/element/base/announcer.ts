import { setText } from './dom.ts';

const EVERY_MS = 10_000;
const FIRST_MS = 1_000;

/** Announces texts to screen readers. */
export interface Announcer {
	/** Announces the newest of these texts, at most every 10 seconds: numbers that change twenty times a second. */
	later(text: string): void;
	/** Announces a text at once, before those that wait: the end of a video. */
	now(text: string): void;
	/** Drops what waits. */
	stop(): void;
}

/** Announces texts in a live region. */
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
		later(text) {
			newest = text;
			timer ??= setTimeout(speak, FIRST_MS);
		},
		now(text) {
			newest = text;
			setText(region, text);
			clearTimeout(timer);
			timer = setTimeout(speak, EVERY_MS);
		},
		stop() {
			clearTimeout(timer);
			timer = undefined;
		},
	};
}
