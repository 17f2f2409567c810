/** The least time between two lines of one key, in milliseconds. */
const INTERVAL_MS = 60_000;

/** Admits one log line a minute for each key, so that a lasting failure, or an attacker, fills no log. */
export class OnceAMinute<Key = undefined> {
	readonly #loggedAt = new Map<Key, number>();

	/** Returns whether a line may be logged now; then the next one of its key may in a minute. */
	admits(key: Key, now: number): boolean {
		if (now - (this.#loggedAt.get(key) ?? Number.NEGATIVE_INFINITY) < INTERVAL_MS) return false;
		this.#loggedAt.set(key, now);
		return true;
	}

	/** Admits the next line of a key at once, after a failure is over. Returns whether one was logged. */
	forget(key: Key): boolean {
		return this.#loggedAt.delete(key);
	}
}
