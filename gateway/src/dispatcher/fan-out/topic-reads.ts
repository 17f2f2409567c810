/** The most topics in reads at one time; the rest wait. */
export const MAX_READS = 64;

/** The topics to read from the store. Each must come back in `done` or `failed`. Deterministic. */
export class TopicReads {
	readonly #waiting = new Set<string>();
	readonly #underWay = new Set<string>();
	readonly #failed = new Set<string>();

	/** Asks for a topic, unless a read of it is under way. */
	want(topic: string): void {
		if (!this.#underWay.has(topic)) this.#waiting.add(topic);
	}

	/** Asks for a topic also during a read of it, which may miss the reason for this one. */
	wantAgain(topic: string): void {
		this.#waiting.add(topic);
	}

	/** Returns the topics to read now. */
	take(): string[] {
		const topics: string[] = [];
		for (const topic of this.#waiting) {
			if (this.#underWay.size >= MAX_READS) break;
			if (this.#underWay.has(topic)) continue;
			this.#waiting.delete(topic);
			this.#underWay.add(topic);
			topics.push(topic);
		}
		return topics;
	}

	/** Notes a successful read. */
	done(topic: string): void {
		this.#underWay.delete(topic);
	}

	/** Notes a failed read. */
	failed(topic: string): void {
		this.#underWay.delete(topic);
		this.#failed.add(topic);
	}

	/** Repeats the failed reads of topics that are still wanted. */
	retry(isWanted: (topic: string) => boolean): void {
		for (const topic of this.#failed) if (isWanted(topic)) this.#waiting.add(topic);
		this.#failed.clear();
	}
}
