import { spreadHash } from '../../state/hash.ts';
import type { LogEvent } from '../../state/log.ts';
import type { Thinned } from '../../state/log-events.ts';

/**
 * Thins a flood of comments: so many a second on average, a second's worth at once after a quiet time. Each time it
 * admits a fair choice of what waits. Deterministic.
 */
export class CommentSampler {
	readonly #perSecond: number;
	#tokens: number;
	#filledAt = Number.NEGATIVE_INFINITY;

	/** `perSecond`: how many comments are shown; 0 for all. */
	constructor(perSecond: number) {
		this.#perSecond = perSecond;
		this.#tokens = perSecond;
	}

	/** When one more may be shown, by the monotonic clock; the past when one may now. */
	get opensAt(): number {
		if (this.#perSecond === 0 || this.#tokens >= 1) return Number.NEGATIVE_INFINITY;
		return this.#filledAt + ((1 - this.#tokens) * 1_000) / this.#perSecond;
	}

	/** What each comment says of how many are shown; undefined where all are, always. */
	sampled(shown: number, of: number): Thinned | undefined {
		return this.#perSecond === 0 ? undefined : { shown, of };
	}

	/** Those of the comments that are shown now. */
	choose(comments: readonly LogEvent[], now: number): ReadonlySet<LogEvent> {
		if (this.#perSecond === 0) return new Set(comments);
		this.#fill(now);
		// One at the least: what is shown of none could not be said.
		const room = Math.max(1, Math.floor(this.#tokens));
		this.#tokens -= Math.min(room, comments.length);
		if (comments.length <= room) return new Set(comments);
		// By the hash of the id, which knows nothing of user or time.
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
