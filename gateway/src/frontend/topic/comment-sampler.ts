import { spreadHash } from '../../state/hash.ts';
import type { LogEvent } from '../../state/log.ts';
import type { Thinned } from '../../state/log-events.ts';

/**
 * Samples a flood of comments: on average `perSecond`, and after a quiet time the comments of one
 * second at once. Each choice is a fair sample of the comments that wait. Deterministic.
 */
export class CommentSampler {
	readonly #perSecond: number;
	#tokens: number;
	#filledAt = Number.NEGATIVE_INFINITY;

	/** `perSecond`: the comments to show each second; 0 for all. */
	constructor(perSecond: number) {
		this.#perSecond = perSecond;
		this.#tokens = perSecond;
	}

	/** The time at which it may show one more comment, by the monotonic clock; the past when it may now. */
	get opensAt(): number {
		if (this.#perSecond === 0 || this.#tokens >= 1) return Number.NEGATIVE_INFINITY;
		return this.#filledAt + ((1 - this.#tokens) * 1_000) / this.#perSecond;
	}

	/** Returns the numbers that each comment carries; undefined where the sampler shows all. */
	sampled(shown: number, of: number): Thinned | undefined {
		return this.#perSecond === 0 ? undefined : { shown, of };
	}

	/** Returns the comments to show now. */
	choose(comments: readonly LogEvent[], now: number): ReadonlySet<LogEvent> {
		if (this.#perSecond === 0) return new Set(comments);
		this.#fill(now);
		// At least one: with no comment shown, no event could carry the numbers.
		const room = Math.max(1, Math.floor(this.#tokens));
		this.#tokens -= Math.min(room, comments.length);
		if (comments.length <= room) return new Set(comments);
		// By the hash of the id, which does not depend on user or time.
		const ranked = comments.map((event) => ({ event, rank: spreadHash(event.id) }));
		ranked.sort((a, b) => a.rank - b.rank || (a.event.id < b.event.id ? -1 : 1));
		return new Set(ranked.slice(0, room).map(({ event }) => event));
	}

	#fill(now: number): void {
		const seconds = Math.max(0, now - this.#filledAt) / 1_000;
		this.#tokens = Math.min(this.#perSecond, this.#tokens + seconds * this.#perSecond);
		this.#filledAt = now;
	}
}
