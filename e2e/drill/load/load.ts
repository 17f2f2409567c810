import type { CommentLoad } from './comment-load.ts';
import type { LikeLoad } from './like-load.ts';

/** All that is written while a fault lasts. */
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

	/** What has no answer so far. */
	get waiting(): number {
		return this.likes.waiting + this.comments.waiting;
	}

	/** When the newest answer came. */
	get lastAnswerAt(): number {
		return Math.max(this.likes.lastAnswerAt, this.comments.lastAnswerAt);
	}

	/** Begins, or goes on. */
	start(): void {
		for (const load of this.#loads) load.start();
	}

	/** Sends nothing further; what has no answer is insisted on. */
	stop(): void {
		for (const load of this.#loads) load.stop();
	}

	/** Everybody writes to the node that they began with. */
	goHome(): void {
		for (const load of this.#loads) load.goHome();
	}

	/** What was refused since it was asked last. */
	takeRefusals(): string[] {
		return this.#loads.flatMap(({ refusals }) => refusals.splice(0));
	}

	/** Ends for good, answers or not. */
	close(): void {
		for (const load of this.#loads) load.close();
	}
}
