/** The least time between two lines of one key, in milliseconds. */
const INTERVAL_MS = 60_000;

/** Admits a log line at most once a minute for each key, so that a lasting failure, or an attacker, fills no log. */
export class OnceAMinute<Key = undefined> {
	readonly #loggedAt = new Map<Key, number>();

	/** Returns whether a line may be logged now, by the monotonic clock; then the next one of its key may in a minute. */
	admits(key: Key, now: number): boolean {
		if (now - (this.#loggedAt.get(key) ?? Number.NEGATIVE_INFINITY) < INTERVAL_MS) return false;
		this.#loggedAt.set(key, now);
		return true;
	}

	/** Notes that a failure is over: the next line of a key is admitted at once. Returns whether one was logged. */
	forget(key: Key): boolean {
		return this.#loggedAt.delete(key);
	}
}
