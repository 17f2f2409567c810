import { encodeEvent } from '@likewire/protocol';
import { CommentLikes } from '../../state/comment-likes.ts';
import { type CounterRows, totalsOf } from '../../state/counters.ts';
import { MAX_UNREAD } from '../../state/topics/registration.ts';
import { likedComment } from '../../state/topics/topic.ts';
import type { Update } from '../../state/update.ts';

/**
 * The likes of the comments of a video. Each flush has a number, and each comment remembers in which its likes changed
 * last: a viewer who was sent an earlier one receives what changed since, as it is now.
 */
export class CommentLikesSection {
	/** The number of the newest flush that had something to send. */
	sequence = 0;
	readonly #likes = new CommentLikes();
	/** The flush in which each changed last. */
	readonly #changedIn = new Map<string, number>();
	/** Those that changed after the last flush. */
	readonly #pending = new Set<string>();
	#begun = false;

	get hash(): number {
		return this.#likes.hash;
	}

	/** Comments whose likes the owner is to read: it may not know that they were ever liked. */
	get unread(): readonly string[] {
		// mutant: names-unread-comments
		return this.#likes.incomplete(MAX_UNREAD);
	}

	merge(topic: string, update: Update): void {
		if (this.#likes.merge(topic, update)?.complete) this.#pending.add(topic);
	}

	/** The rows of the video changed. What a store counted before it began anew is not sent; what it counts now will come. */
	raise(rows: CounterRows): void {
		this.#likes.raise(rows);
	}

	/** A flush would send something. */
	get isFresh(): boolean {
		return this.#pending.size > 0;
	}

	/**
	 * Makes what is pending something to send; returns whether that is anything. The first flush is what newcomers see, and
	 * they read likes of comments in the history: what is known by then may have come after they read it, and is in the next.
	 */
	flush(): boolean {
		if (!this.#begun) {
			this.#begun = true;
			return false;
		}
		if (this.#pending.size === 0) return false;
		this.sequence++;
		for (const topic of this.#pending) this.#changedIn.set(topic, this.sequence);
		this.#pending.clear();
		for (const topic of this.#changedIn.keys()) {
			if (this.#likes.state(topic) === undefined) this.#changedIn.delete(topic);
		}
		return true;
	}

	/**
	 * What brings a viewer to now who was sent the flush of this number. A viewer who was sent none reads the history, and
	 * receives nothing; one who comes back (`isBack`) receives those that were liked last.
	 */
	textFrom(sent: number | undefined, isBack: boolean): string {
		if (sent === this.sequence || (sent === undefined && !isBack)) return '';
		const topics =
			sent === undefined
				? this.#likes.newest().map(([topic]) => topic)
				: [...this.#changedIn].filter(([, sequence]) => sequence > sent).map(([topic]) => topic);
		return topics.map((topic) => this.#textOf(topic)).join('');
	}

	#textOf(topic: string): string {
		const [comment, state] = [likedComment(topic), this.#likes.state(topic)];
		if (comment === undefined || !state?.complete) return '';
		const { video, id, user } = comment;
		return encodeEvent('comment-likes', { video, id, user, totals: totalsOf(state.rows) });
	}
}
