import type { RecentLike, Totals } from '@likewire/protocol';
import type { Command, LikeCommand, Outcome } from '../src/store/store.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Who likes has no answer after so long, in milliseconds, and sends the same again. */
const RETRY_MS = 150;

const TYPES = ['heart', 'clap'];

/** Sends a command on its way to the Likes service, which calls back at the most once for each copy that arrives. */
export type SendCommand = (command: Command, answer: (outcome: Outcome) => void) => void;

/**
 * People who like and take back, over a network that loses what they send and what they hear: each tries until it is
 * answered. They know what the store must count in the end, whatever the gateway does.
 */
export class Likers {
	readonly #timeline: Timeline;
	readonly #random: Random;
	readonly #send: SendCommand;
	readonly #expected = new Map<string, Record<string, number>>();
	readonly #givenOf = new Map<string, Record<string, number>>();
	readonly #given = new Map<string, LikeCommand>();
	#unanswered = 0;

	constructor(timeline: Timeline, random: Random, send: SendCommand) {
		this.#timeline = timeline;
		this.#random = random;
		this.#send = send;
	}

	get allAnswered(): boolean {
		return this.#unanswered === 0;
	}

	/** The likes of a video that stand once all is answered. */
	expected(video: string): Totals {
		return this.#expected.get(video) ?? {};
	}

	/** How many likes were given so far. */
	get given(): number {
		return this.#given.size;
	}

	/** Whether somebody gave this like to this video. */
	isGiven(video: string, { id, user, type, at }: RecentLike): boolean {
		const like = this.#given.get(id);
		return like?.video === video && like.user === user && like.type === type && like.at === at;
	}

	/** How many likes of a video were given so far, by type, whatever became of them. */
	givenOf(video: string): Totals {
		return this.#givenOf.get(video) ?? {};
	}

	/** One like at some time; with `takeBack`, its user takes it back once it is answered. */
	plan(video: string, time: number, takeBack: boolean): void {
		const like = {
			kind: 'like',
			video,
			id: this.#random.uuid(),
			user: `user-${this.#random.integer(1, 5)}`,
			type: this.#random.pick(TYPES),
			once: false,
			at: Math.round(time),
		} as const;
		this.#timeline.at(like.at, () => {
			this.#given.set(like.id, like);
			count(this.#givenOf, video, like.type, 1);
			count(this.#expected, video, like.type, 1);
			this.#insist(like, () => {
				if (!takeBack) return;
				count(this.#expected, video, like.type, -1);
				this.#insist(
					{ kind: 'takeBack', video, id: like.id, user: like.user, at: Math.round(this.#timeline.now) },
					() => undefined,
				);
			});
		});
	}

	#insist(command: Command, then: () => void): void {
		this.#unanswered++;
		let answered = false;
		const attempt = () => {
			if (answered) return;
			this.#send(command, () => {
				if (answered) return;
				answered = true;
				this.#unanswered--;
				then();
			});
			this.#timeline.after(RETRY_MS, attempt);
		};
		attempt();
	}
}

function count(counts: Map<string, Record<string, number>>, video: string, type: string, change: number): void {
	const totals = counts.get(video) ?? {};
	totals[type] = (totals[type] ?? 0) + change;
	counts.set(video, totals);
}
