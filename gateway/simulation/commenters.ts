import { commentTopic, videoTopic } from '../src/delivery/topic.ts';
import type { AppendCommand, DeleteCommand, LogOutcome } from '../src/store/log-store.ts';
import { subjectOf } from '../src/store/subject.ts';
import { Insistence, type Send } from './insistence.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';
import { Violation } from './world.ts';

export type CommentCommand = AppendCommand | DeleteCommand;

/** What may come of comments and deletions, where nothing that was answered is lost. */
const EXPECTED: readonly LogOutcome['kind'][] = ['added', 'duplicate'];

export interface CommentersOptions {
	readonly timeline: Timeline;
	readonly random: Random;
	readonly send: Send<CommentCommand, LogOutcome>;
	/** Stores may forget what they answered, since they are restored. */
	readonly mayForget: boolean;
}

/** People who comment, and delete some of that: each tries until it is answered. */
export class Commenters {
	/** How many comments were written so far. */
	written = 0;
	/** The subjects of the comments that are stored, by video: what their likes are counted under. */
	readonly subjects = new Map<string, string[]>();
	readonly #options: CommentersOptions;
	readonly #insistence: Insistence<CommentCommand, LogOutcome>;

	constructor(options: CommentersOptions) {
		this.#options = options;
		this.#insistence = new Insistence(options.timeline, options.send);
	}

	get allAnswered(): boolean {
		return this.#insistence.allAnswered;
	}

	/** One comment at some time; with `deleted`, its author deletes it a while after it is answered. */
	plan(video: string, time: number, deleted: boolean): void {
		const { timeline, random } = this.#options;
		const written = {
			kind: 'append',
			event: 'comment',
			topic: videoTopic(video),
			id: random.uuid(),
			user: `user-${random.integer(1, 5)}`,
			data: { text: `comment ${++this.written}` },
			at: Math.round(time),
		} as const;
		const { topic, id, user } = written;
		const waitMs = random.next() * random.pick([20, 1_000]);
		timeline.at(written.at, () =>
			this.#insist(written, () => {
				const subject = subjectOf(commentTopic({ video, id, user }));
				this.subjects.set(video, [...(this.subjects.get(video) ?? []), subject]);
				if (!deleted) return;
				// Until it is answered, it is under way.
				this.#insistence.hold();
				timeline.after(waitMs, () => {
					this.#insistence.release();
					this.#insist({ kind: 'delete', topic, id, user, moderator: false, at: Math.round(timeline.now) });
				});
			}),
		);
	}

	#insist(command: CommentCommand, then?: () => void): void {
		this.#insistence.insist(command, ({ kind }) => {
			if (!this.#options.mayForget && !EXPECTED.includes(kind)) {
				throw new Violation(`${command.kind} of ${command.topic} came to ${kind}`);
			}
			then?.();
		});
	}
}
