import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { type LoadOptions, RetryingLoad, type Sent, type Writer } from './retrying-load.ts';

/** The fraction of comments that their authors delete. */
const DELETED_SHARE = 0.2;

/** The longest time from a comment to its deletion, in milliseconds. */
const DELETE_WITHIN_MS = 400;

/** A comment, and its answers. */
export interface SentComment extends Sent {
	/** The time of the first attempt to delete it; undefined before that. */
	deletionSentAt?: number;
	/** The time at which the deletion was accepted; undefined before that. */
	deletedAt?: number;
}

/** A constant load of comments, of which authors delete some. */
export class CommentLoad extends RetryingLoad<SentComment> {
	readonly #deletedShare: number;

	/** @param deletedShare the fraction of comments that their authors delete; a fifth by default. */
	constructor(options: LoadOptions, deletedShare = DELETED_SHARE) {
		super('commenter', options);
		this.#deletedShare = deletedShare;
	}

	/** The number of comments without an answer. */
	get unwritten(): number {
		return [...this.sent.values()].filter(({ acceptedAt }) => acceptedAt === undefined).length;
	}

	/** Writes a comment that its author does not delete, and resolves when it is answered. */
	writeOne(video: string): Promise<void> {
		return this.waitFor(async (author) => void (await this.#write(video, author)));
	}

	/** Forgets deletions that were sent before a time and are not stored. Returns how many of them were accepted. */
	forgetLostDeletions(isDeleted: (comment: SentComment) => boolean, before: number): number {
		let lost = 0;
		for (const comment of this.sent.values()) {
			const { id, deletionSentAt, deletedAt } = comment;
			if (deletedAt === undefined || deletionSentAt === undefined || deletionSentAt >= before || isDeleted(comment))
				continue;
			lost++;
			delete comment.deletedAt;
			this.forgotten.add(id);
		}
		return lost;
	}

	protected async send(video: string, author: Writer): Promise<void> {
		const comment = await this.#write(video, author);
		const isDeleted = comment.acceptedAt !== undefined && this.options.random() < this.#deletedShare;
		if (isDeleted) await this.#delete(comment, author);
	}

	async #write(video: string, author: Writer): Promise<SentComment> {
		const comment: SentComment = {
			id: randomUUID(),
			video,
			user: author.user,
			region: this.regionOf(author),
			sentAt: performance.now(),
		};
		const { id, region } = comment;
		this.sent.set(id, comment);
		const acceptedAt = await this.sendUntilAnswered(author, {
			what: `the comment ${id}`,
			method: 'POST',
			path: paths.comments(video),
			body: { id, text: `comment ${this.sent.size} of ${author.user}`, region },
		});
		if (acceptedAt !== undefined) comment.acceptedAt = acceptedAt;
		return comment;
	}

	async #delete(comment: SentComment, author: Writer): Promise<void> {
		const { id, video } = comment;
		await this.pause(this.options.random() * DELETE_WITHIN_MS);
		comment.deletionSentAt = performance.now();
		const deletedAt = await this.sendUntilAnswered(author, {
			what: `the deletion of ${id}`,
			method: 'DELETE',
			path: paths.comment(video, id),
			// The author may reach another region before the comment does.
			retried: [404],
			isNeeded: () => this.sent.has(id),
		});
		if (deletedAt !== undefined) comment.deletedAt = deletedAt;
	}
}
