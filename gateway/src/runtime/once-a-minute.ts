/** The same is logged at most this often, in milliseconds. */
const INTERVAL_MS = 60_000;

/** Lets a log line through at most once a minute for each key, so that a trouble that lasts, or a stranger, fills no log. */
export class OnceAMinute<Key = undefined> {
	readonly #loggedAt = new Map<Key, number>();

	/** Whether a line may be logged now, by the monotonic clock; if so, the next one of its key may a minute later. */
	admits(key: Key, now: number): boolean {
		if (now - (this.#loggedAt.get(key) ?? Number.NEGATIVE_INFINITY) < INTERVAL_MS) return false;
		this.#loggedAt.set(key, now);
		return true;
	}

	/** The trouble is over: the next line of a key may be logged at once. Returns whether one was. */
	forget(key: Key): boolean {
		return this.#loggedAt.delete(key);
	}
}
