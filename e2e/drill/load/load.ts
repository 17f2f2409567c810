import type { CommentLoad } from './comment-load.ts';
import type { LikeLoad } from './like-load.ts';

/** The load of likes and the load of comments together. */
export class Load {
	readonly likes: LikeLoad;
	readonly comments: CommentLoad;

	constructor(likes: LikeLoad, comments: CommentLoad) {
		this.likes = likes;
		this.comments = comments;
	}

	get #loads() {
		return [this.likes, this.comments] as const;
	}

	/** The number of unanswered writes. */
	get waiting(): number {
		return this.likes.waiting + this.comments.waiting;
	}

	/** The time of the newest answer. */
	get lastAnswerAt(): number {
		return Math.max(this.likes.lastAnswerAt, this.comments.lastAnswerAt);
	}

	/** Starts, or continues. */
	start(): void {
		for (const load of this.#loads) load.start();
	}

	/** Sends nothing new; retries unanswered writes. */
	stop(): void {
		for (const load of this.#loads) load.stop();
	}

	/** Moves every writer back to its first node. */
	goHome(): void {
		for (const load of this.#loads) load.goHome();
	}

	/** Returns the refusals since the last call. */
	takeRefusals(): string[] {
		return this.#loads.flatMap(({ refusals }) => refusals.splice(0));
	}

	/** Ends all attempts. */
	close(): void {
		for (const load of this.#loads) load.close();
	}
}
