import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { type LoadOptions, RetryingLoad, type Sent, type Writer } from './retrying-load.ts';

/** The part of all comments that their authors delete. */
const DELETED_SHARE = 0.2;

/** How long an author takes to regret, in milliseconds, at the most. */
const REGRET_MS = 400;

/** A comment, and what became of it. */
export interface SentComment extends Sent {
	/** When its author sent the deletion first; undefined before, and of one that stays. */
	regrettedAt?: number;
	/** When that was answered with success; undefined before. */
	deletedAt?: number;
}

/** A constant load of comments, some of which are deleted by their authors soon after. */
export class CommentLoad extends RetryingLoad<SentComment> {
	readonly #deletedShare: number;

	/** @param deletedShare the part of all comments that their authors delete; a fifth when not given. */
	constructor(options: LoadOptions, deletedShare = DELETED_SHARE) {
		super('commenter', options);
		this.#deletedShare = deletedShare;
	}

	/** Comments that are not answered so far, whatever becomes of them then. */
	get unwritten(): number {
		return [...this.sent.values()].filter(({ acceptedAt }) => acceptedAt === undefined).length;
	}

	/** Writes a comment that stays, and settles when it is answered. */
	say(video: string): Promise<void> {
		return this.waitFor(async (author) => void (await this.#write(video, author)));
	}

	/** Forgets deletions that were first sent before a time and are not stored, and answers how many of those were accepted. */
	forgetLostDeletions(isDeleted: (comment: SentComment) => boolean, before: number): number {
		let lost = 0;
		for (const comment of this.sent.values()) {
			const { id, regrettedAt, deletedAt } = comment;
			if (deletedAt === undefined || regrettedAt === undefined || regrettedAt >= before || isDeleted(comment)) continue;
			lost++;
			delete comment.deletedAt;
			this.forgotten.add(id);
		}
		return lost;
	}

	protected async send(video: string, author: Writer): Promise<void> {
		const comment = await this.#write(video, author);
		const isRegretted = comment.acceptedAt !== undefined && this.options.random() < this.#deletedShare;
		if (isRegretted) await this.#delete(comment, author);
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
		const acceptedAt = await this.insist(author, {
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
		await this.pause(this.options.random() * REGRET_MS);
		comment.regrettedAt = performance.now();
		const deletedAt = await this.insist(author, {
			what: `the deletion of ${id}`,
			method: 'DELETE',
			path: paths.comment(video, id),
			// Another region may hear of the comment later than its author turns to it.
			retried: [404],
			isWanted: () => this.sent.has(id),
		});
		if (deletedAt !== undefined) comment.deletedAt = deletedAt;
	}
}
