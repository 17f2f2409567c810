import { commentTopic } from '../../src/state/topics/topic.ts';
import type { Clock } from '../engine/clock.ts';
import { Counts } from '../engine/counts.ts';
import type { Random } from '../engine/random.ts';
import { Violation } from '../engine/violation.ts';
import { type Answered, RetryingClient, type Send } from './retrying-client.ts';

/** The answers to a deletion in a region that does not have the comment yet. */
const NOT_YET: readonly Answered[] = ['comment_not_found', 'forbidden'];

interface Comment {
	readonly video: string;
	readonly id: string;
	readonly user: string;
	readonly text: string;
}

/** A request to write a comment, or to delete one. */
export interface CommentRequest extends Comment {
	readonly kind: 'comment' | 'delete';
	readonly route: Route;
}

/**
 * The user that writes an id again in another region: the same user, whose client lost the answer, or
 * another user.
 */
export type Reuse = 'same user' | 'other user';

/**
 * Selects the region of a command: one text selects the same region at each try, `any region` another
 * one.
 */
export type Route = string | 'any region';

export interface CommentersOptions {
	readonly clock: Clock;
	readonly random: Random;
	readonly send: Send<CommentRequest>;
	/** Whether stores may forget what they answered, since they are restored. */
	readonly mayForget: boolean;
}

/** Users that comment, and delete some of their comments: each sends again until it is answered. */
export class Commenters {
	/** The number of comments so far. */
	written = 0;
	/** The number of ids that were written again in another region, by {@link Reuse}. */
	readonly reuses = new Counts();
	/** The topics of the comments that are stored, by video. */
	readonly topics = new Map<string, string[]>();
	readonly #options: CommentersOptions;
	readonly #client: RetryingClient<CommentRequest>;

	constructor(options: CommentersOptions) {
		this.#options = options;
		this.#client = new RetryingClient(options.clock, options.send);
	}

	get allAnswered(): boolean {
		return this.#client.allAnswered;
	}

	/**
	 * Plans a comment. With `deleted`, its author deletes it after it is answered. With `reuse`, its id is
	 * written again in another region.
	 */
	plan(video: string, time: number, deleted: boolean, reuse?: Reuse): void {
		const { clock, random } = this.#options;
		const written: Comment = {
			video,
			id: random.uuid(),
			user: `user-${random.integer(1, 5)}`,
			text: `comment ${++this.written}`,
		};
		const { id, user } = written;
		const waitMs = () => random.next() * random.pick([20, 1_000]);
		clock.at(Math.round(time), () =>
			this.#send({ kind: 'comment', ...written, route: id }, () => {
				const topic = commentTopic({ video, id, user });
				this.topics.set(video, [...(this.topics.get(video) ?? []), topic]);
				if (deleted) this.#after(waitMs(), () => this.#delete(written));
				if (reuse !== undefined) this.#after(waitMs(), () => this.#reuse(written, reuse));
			}),
		);
	}

	/** Writes the id again in another region. Of the comments that another user wrote, half are deleted. */
	#reuse(first: Comment, reuse: Reuse): void {
		const { random } = this.#options;
		const route = `${first.id} in another region`;
		this.reuses.add(`ids of comments used again: ${reuse}`);
		if (reuse === 'same user') {
			this.#send({ kind: 'comment', ...first, route }, () => undefined);
			return;
		}
		const second = { ...first, user: 'another user', text: `comment ${++this.written}` };
		this.#client.send({ kind: 'comment', ...second, route }, (answered) => {
			// A region that has the first comment refuses the id.
			const isRefused = answered === 'id_conflict';
			if (isRefused) this.reuses.add('ids of comments used again: refused');
			if (isRefused || random.chance(0.5)) return;
			this.#after(random.next() * 1_000, () => this.#delete(second));
		});
	}

	#delete(comment: Comment): void {
		const route = this.#options.mayForget ? comment.id : 'any region';
		this.#send({ kind: 'delete', ...comment, route }, () => undefined);
	}

	/** Waits, and counts as unanswered until then. */
	#after(waitMs: number, then: () => void): void {
		this.#client.hold();
		this.#options.clock.after(waitMs, () => {
			this.#client.release();
			then();
		});
	}

	#send(request: CommentRequest, then: () => void): void {
		const { mayForget } = this.#options;
		const { kind, id } = request;
		this.#client.send(
			request,
			(answered) => {
				if (!mayForget && answered !== 'done') throw new Violation(`${kind} of ${id} ended as ${answered}`);
				then();
			},
			(answered) => mayForget || kind !== 'delete' || !NOT_YET.includes(answered),
		);
	}
}
