import { commentTopic, videoTopic } from '../../src/state/topics/topic.ts';
import type { AppendCommand, DeleteCommand, LogOutcome } from '../../src/store/log-store.ts';
import type { Timeline } from '../engine/clock.ts';
import type { Random } from '../engine/random.ts';
import { Counts, Violation } from '../node/environment.ts';
import { Insistence } from './retrying-client.ts';

export type CommentCommand = AppendCommand | DeleteCommand;

/** What may come of comments and deletions, where nothing that was answered is lost. */
const EXPECTED: readonly LogOutcome['kind'][] = ['added', 'duplicate'];

/** What may come of a deletion in a region where the comment is not known yet. */
const NOT_YET: readonly LogOutcome['kind'][] = ['notFound', 'notAuthor'];

/** The wall time at which virtual time begins, in Unix milliseconds. */
const BEGAN_AT = Date.UTC(2026, 0);

/** How an id is used again in another region: by its user, whose client lost the answer, or by another user. */
export type Reuse = 'same user' | 'other user';

/** The region that a command goes to: by this text the same one at each try, or another one at each. */
export type Route = string | 'any region';

export interface CommentersOptions {
	readonly timeline: Timeline;
	readonly random: Random;
	readonly send: (command: CommentCommand, route: Route, answer: (outcome: LogOutcome) => void) => void;
	/** Stores may forget what they answered, since they are restored. */
	readonly mayForget: boolean;
	/** What the clock of the node that takes a write is off by, in milliseconds. */
	readonly clockErrorMs: () => number;
}

/** People who comment, and delete some of that: each tries until it is answered. */
export class Commenters {
	/** How many comments were written so far. */
	written = 0;
	/** How often ids were written again in another region, by what that was. */
	readonly reuses = new Counts();
	/** The topics of the comments that are stored, by video. */
	readonly topics = new Map<string, string[]>();
	readonly #options: CommentersOptions;
	readonly #insistence: Insistence<{ readonly command: CommentCommand; readonly route: Route }, LogOutcome>;

	constructor(options: CommentersOptions) {
		this.#options = options;
		this.#insistence = new Insistence(options.timeline, ({ command, route }, answer) =>
			options.send(command, route, answer),
		);
	}

	get allAnswered(): boolean {
		return this.#insistence.allAnswered;
	}

	/**
	 * One comment at some time; with `deleted`, its author deletes it a while after it is answered. With `reuse`, its id is
	 * written again in another region by then.
	 */
	plan(video: string, time: number, deleted: boolean, reuse?: Reuse): void {
		const { timeline, random } = this.#options;
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
		timeline.at(Math.round(time), () =>
			this.#insist(written, written.id, () => {
				const topic = commentTopic({ video, id, user });
				this.topics.set(video, [...(this.topics.get(video) ?? []), topic]);
				if (deleted) this.#after(waitMs(), () => this.#delete(written));
				if (reuse !== undefined) this.#after(waitMs(), () => this.#reuse(written, reuse));
			}),
		);
	}

	/** Writes the id again in another region. What another user wrote there is deleted half of the time. */
	#reuse(first: AppendCommand, reuse: Reuse): void {
		const { random } = this.#options;
		const route = `${first.id} in another region`;
		this.reuses.add(`ids of comments used again: ${reuse}`);
		const at = this.#wallTime();
		if (reuse === 'same user') {
			this.#insist({ ...first, at }, route, () => undefined);
			return;
		}
		const second = { ...first, user: 'another user', data: { text: `comment ${++this.written}` }, at };
		this.#insistence.insist({ command: second, route }, ({ kind }) => {
			// Where the first is known, the id is taken.
			if (kind === 'conflict') this.reuses.add('ids of comments used again: refused');
			if (kind === 'conflict' || random.chance(0.5)) return;
			this.#after(random.next() * 1_000, () => this.#delete(second));
		});
	}

	#delete({ topic, id, user }: AppendCommand): void {
		const route = this.#options.mayForget ? id : 'any region';
		const at = this.#wallTime();
		this.#insist({ kind: 'delete', topic, id, user, moderator: false, at }, route, () => undefined);
	}

	#wallTime(time = this.#options.timeline.now): number {
		return Math.round(BEGAN_AT + time + this.#options.clockErrorMs());
	}

	/** Until it is answered, it is under way. */
	#after(waitMs: number, then: () => void): void {
		this.#insistence.hold();
		this.#options.timeline.after(waitMs, () => {
			this.#insistence.release();
			then();
		});
	}

	#insist(command: CommentCommand, route: Route, then: () => void): void {
		const { mayForget } = this.#options;
		this.#insistence.insist(
			{ command, route },
			({ kind }) => {
				if (!mayForget && !EXPECTED.includes(kind))
					throw new Violation(`${command.kind} of ${command.topic} came to ${kind}`);
				then();
			},
			({ kind }) => mayForget || command.kind !== 'delete' || !NOT_YET.includes(kind),
		);
	}
}
