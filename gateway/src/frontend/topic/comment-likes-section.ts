import { encodeEvent } from '@likewire/protocol';
import { CommentLikes } from '../../state/comment-likes.ts';
import { type CounterRows, totalsOf } from '../../state/counters.ts';
import { MAX_UNREAD } from '../../state/topics/registration.ts';
import { likedComment } from '../../state/topics/topic.ts';
import type { Update } from '../../state/update.ts';

/**
 * The likes of the comments of a video. Each flush has a number, and each comment keeps the number of
 * the flush in which its likes changed last. A viewer that received an earlier flush gets what changed
 * since, in its newest state.
 */
export class CommentLikesSection {
	/** The number of the newest flush that changed anything. */
	sequence = 0;
	readonly #likes = new CommentLikes();
	/** The flush in which each comment changed last. */
	readonly #changedIn = new Map<string, number>();
	/** Comments that changed after the last flush. */
	readonly #pending = new Set<string>();
	#begun = false;

	get hash(): number {
		return this.#likes.hash;
	}

	/** Comments whose likes the owner must read, since it may not know that users liked them. */
	get unread(): readonly string[] {
		return this.#likes.incomplete(MAX_UNREAD);
	}

	merge(topic: string, update: Update): void {
		if (this.#likes.merge(topic, update)?.complete) this.#pending.add(topic);
	}

	/**
	 * Takes the rows of the video. Counts from before a store restarted are never sent; its new counts
	 * follow.
	 */
	raise(rows: CounterRows): void {
		this.#likes.raise(rows);
	}

	/** Whether a flush would send anything. */
	get isFresh(): boolean {
		return this.#pending.size > 0;
	}

	/**
	 * Prepares what is pending for viewers; returns whether anything changed. New viewers see the first
	 * flush, and read likes of comments in the history: likes that are known by then may be newer than
	 * their read, so the next flush has them.
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
	 * Returns the events that bring a viewer from this flush to the newest state. A viewer that received
	 * no flush reads the history and gets nothing; a viewer that resumes (`isBack`) gets the comments that
	 * users liked last.
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
