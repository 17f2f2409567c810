import { mergeUpdates, type Update, type Updates } from './update.ts';
import { Window } from './window.ts';

/** Topics that may wait in one outbox. Beyond it news of further topics are dropped; the next digest brings them. */
export const MAX_OUTBOX_TOPICS = 100_000;

/** What waits for one hop: a merged state per topic, so a slow hop gets newer news less often and never more of them. */
export class Outbox {
	readonly #window: Window;
	readonly #maxTopics: number;
	#waiting = new Map<string, Update>();
	#dropped = 0;

	/** `windowMs`: at most one batch leaves in it. */
	constructor(windowMs: number, maxTopics = MAX_OUTBOX_TOPICS) {
		this.#window = new Window(windowMs);
		this.#maxTopics = maxTopics;
	}

	/** How many updates found no room so far. */
	get dropped(): number {
		return this.#dropped;
	}

	/** When a batch may leave; undefined while nothing waits. */
	get dueAt(): number | undefined {
		return this.#waiting.size === 0 ? undefined : this.#window.opensAt;
	}

	put(topic: string, update: Update): void {
		const waiting = this.#waiting.get(topic);
		if (waiting === undefined && this.#waiting.size >= this.#maxTopics) {
			this.#dropped++;
			return;
		}
		this.#waiting.set(topic, waiting === undefined ? update : mergeUpdates(waiting, update));
	}

	/** All that waits, once the window is open; else undefined. */
	take(now: number): Updates | undefined {
		if (this.#waiting.size === 0 || !this.#window.isOpen(now)) return undefined;
		const batch = this.#waiting;
		this.#waiting = new Map();
		this.#window.depart(now);
		return batch;
	}
}
