/** The most viewers who poll; others are answered and not counted. */
export const MAX_POLL_VIEWERS = 20_000;

/** One who polls. */
export interface PollViewer {
	/** Theirs alone: an id that their client made, and the caller. */
	readonly key: string;
	readonly topics: readonly string[];
	/** The user who is online while they poll; undefined for none. */
	readonly user: string | undefined;
}

export interface PollViewersOptions {
	/** A viewer comes to a topic, or leaves it. */
	readonly onTopic: (topic: string, change: 1 | -1, now: number) => void;
	/** A viewer of the user comes, or goes. */
	readonly onUser: (user: string | undefined, isPresent: boolean) => void;
}

interface Entry extends PollViewer {
	readonly until: number;
}

/** Viewers without a stream: each counts for a while after it polled. Deterministic; `now` is the monotonic clock. */
export class PollViewers {
	readonly #options: PollViewersOptions;
	readonly #entries = new Map<string, Entry>();

	constructor(options: PollViewersOptions) {
		this.#options = options;
	}

	get size(): number {
		return this.#entries.size;
	}

	/** A viewer polled: it counts for this time, in milliseconds, on the topics that it named now. */
	polled(viewer: PollViewer, forMs: number, now: number): void {
		this.expire(now);
		const before = this.#entries.get(viewer.key);
		if (before === undefined && this.#entries.size >= MAX_POLL_VIEWERS) return;
		const { onTopic, onUser } = this.#options;
		// First what is new: a user who stays is online all the time.
		onUser(viewer.user, true);
		for (const topic of viewer.topics) if (!before?.topics.includes(topic)) onTopic(topic, 1, now);
		for (const topic of before?.topics ?? []) if (!viewer.topics.includes(topic)) onTopic(topic, -1, now);
		if (before !== undefined) onUser(before.user, false);
		// To the end: the first entries are those that polled the longest ago.
		this.#entries.delete(viewer.key);
		this.#entries.set(viewer.key, { ...viewer, until: now + forMs });
	}

	/** Forgets those who did not poll again in time. */
	expire(now: number): void {
		for (const entry of this.#entries.values()) {
			if (now < entry.until) return;
			this.#forget(entry, now);
		}
	}

	/** Forgets all. */
	clear(now: number): void {
		for (const entry of this.#entries.values()) this.#forget(entry, now);
	}

	#forget({ key, topics, user }: Entry, now: number): void {
		this.#entries.delete(key);
		for (const topic of topics) this.#options.onTopic(topic, -1, now);
		this.#options.onUser(user, false);
	}
}
