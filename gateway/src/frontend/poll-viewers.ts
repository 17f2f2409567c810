/** The most polling viewers that count. A gateway answers others and does not count them. */
export const MAX_POLL_VIEWERS = 20_000;

/** A viewer that polls. */
export interface PollViewer {
	/** Unique to the viewer: an id that its client made, and the caller. */
	readonly key: string;
	readonly topics: readonly string[];
	/** The user that is online while the viewer polls; undefined for none. */
	readonly user: string | undefined;
}

export interface PollViewersOptions {
	/** Takes a viewer that joined a topic, or left it. */
	readonly onTopic: (topic: string, change: 1 | -1, now: number) => void;
	/** Takes a viewer of the user that came, or went. */
	readonly onUser: (user: string | undefined, isPresent: boolean) => void;
}

interface Entry extends PollViewer {
	readonly until: number;
}

/**
 * Counts each viewer without a stream for a while after its poll. Deterministic; `now` is the
 * monotonic clock.
 */
export class PollViewers {
	readonly #options: PollViewersOptions;
	readonly #entries = new Map<string, Entry>();

	constructor(options: PollViewersOptions) {
		this.#options = options;
	}

	get size(): number {
		return this.#entries.size;
	}

	/** Counts a viewer that polled for `forMs` milliseconds, on the topics that this poll names. */
	polled(viewer: PollViewer, forMs: number, now: number): void {
		this.expire(now);
		const before = this.#entries.get(viewer.key);
		if (before === undefined && this.#entries.size >= MAX_POLL_VIEWERS) return;
		const { onTopic, onUser } = this.#options;
		// New before old, so that a user that stays is online without a break.
		onUser(viewer.user, true);
		for (const topic of viewer.topics) if (!before?.topics.includes(topic)) onTopic(topic, 1, now);
		for (const topic of before?.topics ?? []) if (!viewer.topics.includes(topic)) onTopic(topic, -1, now);
		if (before !== undefined) onUser(before.user, false);
		// Moves to the end, so that the first entries are those with the oldest polls.
		this.#entries.delete(viewer.key);
		this.#entries.set(viewer.key, { ...viewer, until: now + forMs });
	}

	/** Removes the viewers that did not poll again in time. */
	expire(now: number): void {
		for (const entry of this.#entries.values()) {
			if (now < entry.until) return;
			this.#forget(entry, now);
		}
	}

	/** Removes all viewers. */
	clear(now: number): void {
		for (const entry of this.#entries.values()) this.#forget(entry, now);
	}

	#forget({ key, topics, user }: Entry, now: number): void {
		this.#entries.delete(key);
		for (const topic of topics) this.#options.onTopic(topic, -1, now);
		this.#options.onUser(user, false);
	}
}
