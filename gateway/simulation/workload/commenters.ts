import { commentTopic, videoTopic } from '../../src/state/topics/topic.ts';
import type { AppendCommand, LogOutcome } from '../../src/store/log-store.ts';
import { type Clock, WALL_TIME_START } from '../engine/clock.ts';
import { Counts } from '../engine/counts.ts';
import type { Random } from '../engine/random.ts';
import { Violation } from '../engine/violation.ts';
import type { CommentCommand } from '../store/log-history.ts';
import { RetryingClient } from './retrying-client.ts';

/** The outcomes of comments and deletions where a store keeps all that it answered. */
const EXPECTED: readonly LogOutcome['kind'][] = ['added', 'duplicate'];

/** The outcomes of a deletion in a region that does not have the comment yet. */
const NOT_YET: readonly LogOutcome['kind'][] = ['notFound', 'notAuthor'];

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
	readonly send: (command: CommentCommand, route: Route, answer: (outcome: LogOutcome) => void) => void;
	/** Whether stores may forget what they answered, since they are restored. */
	readonly mayForget: boolean;
	/** Returns what the clock of the node that takes a write is off by, in milliseconds. */
	readonly clockErrorMs: () => number;
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
	readonly #client: RetryingClient<{ readonly command: CommentCommand; readonly route: Route }, LogOutcome>;

	constructor(options: CommentersOptions) {
		this.#options = options;
		this.#client = new RetryingClient(options.clock, ({ command, route }, answer) =>
			options.send(command, route, answer),
		);
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
		const written = {
			kind: 'append',
			event: 'comment',
			topic: videoTopic(video),
			id: random.uuid(),
			user: `user-${random.integer(1, 5)}`,
			data: { text: `comment ${++this.written}` },
			at: this.#wallTime(time),
		} as const;
		const { id, user } = written;
		const waitMs = () => random.next() * random.pick([20, 1_000]);
		clock.at(Math.round(time), () =>
			this.#send(written, written.id, () => {
				const topic = commentTopic({ video, id, user });
				this.topics.set(video, [...(this.topics.get(video) ?? []), topic]);
				if (deleted) this.#after(waitMs(), () => this.#delete(written));
				if (reuse !== undefined) this.#after(waitMs(), () => this.#reuse(written, reuse));
			}),
		);
	}

	/** Writes the id again in another region. Of the comments that another user wrote, half are deleted. */
	#reuse(first: AppendCommand, reuse: Reuse): void {
		const { random } = this.#options;
		const route = `${first.id} in another region`;
		this.reuses.add(`ids of comments used again: ${reuse}`);
		const at = this.#wallTime();
		if (reuse === 'same user') {
			this.#send({ ...first, at }, route, () => undefined);
			return;
		}
		const second = { ...first, user: 'another user', data: { text: `comment ${++this.written}` }, at };
		this.#client.send({ command: second, route }, ({ kind }) => {
			// A region that has the first comment refuses the id.
			if (kind === 'conflict') this.reuses.add('ids of comments used again: refused');
			if (kind === 'conflict' || random.chance(0.5)) return;
			this.#after(random.next() * 1_000, () => this.#delete(second));
		});
	}

	#delete({ topic, id, user }: AppendCommand): void {
		const route = this.#options.mayForget ? id : 'any region';
		const at = this.#wallTime();
		this.#send({ kind: 'delete', topic, id, user, moderator: false, at }, route, () => undefined);
	}

	#wallTime(time = this.#options.clock.now): number {
		return Math.round(WALL_TIME_START + time + this.#options.clockErrorMs());
	}

	/** Waits, and counts as unanswered until then. */
	#after(waitMs: number, then: () => void): void {
		this.#client.hold();
		this.#options.clock.after(waitMs, () => {
			this.#client.release();
			then();
		});
	}

	#send(command: CommentCommand, route: Route, then: () => void): void {
		const { mayForget } = this.#options;
		this.#client.send(
			{ command, route },
			({ kind }) => {
				if (!mayForget && !EXPECTED.includes(kind))
					throw new Violation(`${command.kind} of ${command.topic} ended as ${kind}`);
				then();
			},
			({ kind }) => mayForget || command.kind !== 'delete' || !NOT_YET.includes(kind),
		);
	}
}
