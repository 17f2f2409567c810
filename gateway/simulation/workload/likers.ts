import type { RecentLike, Totals } from '@likewire/protocol';
import type { Command, LikeCommand, Outcome } from '../../src/store/store.ts';
import type { Timeline } from '../engine/clock.ts';
import type { Random } from '../engine/random.ts';
import { Insistence, type Send } from './retrying-client.ts';

const TYPES = ['heart', 'clap'];

/**
 * People who like and take back, over a network that loses what they send and what they hear: each tries until it is
 * answered. They know what the store must count in the end, whatever the gateway does.
 */
export class Likers {
	readonly #timeline: Timeline;
	readonly #random: Random;
	readonly #insistence: Insistence<Command, Outcome>;
	readonly #expected = new Map<string, Record<string, number>>();
	readonly #givenOf = new Map<string, Record<string, number>>();
	readonly #given = new Map<string, LikeCommand>();

	constructor(timeline: Timeline, random: Random, send: Send<Command, Outcome>) {
		this.#timeline = timeline;
		this.#random = random;
		this.#insistence = new Insistence(timeline, send);
	}

	get allAnswered(): boolean {
		return this.#insistence.allAnswered;
	}

	/** The likes of a topic that stand once all is answered. */
	expected(topic: string): Totals {
		return this.#expected.get(topic) ?? {};
	}

	/** How many likes were given so far. */
	get given(): number {
		return this.#given.size;
	}

	/** Whether somebody gave this like to this topic. */
	isGiven(topic: string, { id, user, type, at }: RecentLike): boolean {
		const like = this.#given.get(id);
		return like?.topic === topic && like.user === user && like.type === type && like.at === at;
	}

	/** How many likes of a topic were given so far, by type, whatever became of them. */
	givenOf(topic: string): Totals {
		return this.#givenOf.get(topic) ?? {};
	}

	/** One like at some time; with `takeBack`, its user takes it back once it is answered. */
	plan(topic: string, time: number, takeBack: boolean): void {
		this.#timeline.at(Math.round(time), () => this.#like(topic, takeBack));
	}

	/** The same of what is chosen only then: a comment that is there. Nothing when there is none. */
	planLater(choose: () => string | undefined, time: number, takeBack: boolean): void {
		this.#timeline.at(Math.round(time), () => {
			const topic = choose();
			if (topic !== undefined) this.#like(topic, takeBack);
		});
	}

	#like(topic: string, takeBack: boolean): void {
		const like = {
			kind: 'like',
			topic,
			id: this.#random.uuid(),
			user: `user-${this.#random.integer(1, 5)}`,
			type: this.#random.pick(TYPES),
			once: false,
			at: Math.round(this.#timeline.now),
		} as const;
		this.#given.set(like.id, like);
		count(this.#givenOf, topic, like.type, 1);
		count(this.#expected, topic, like.type, 1);
		this.#insistence.insist(like, () => {
			if (!takeBack) return;
			count(this.#expected, topic, like.type, -1);
			this.#insistence.insist(
				{ kind: 'takeBack', topic, id: like.id, user: like.user, at: Math.round(this.#timeline.now) },
				() => undefined,
			);
		});
	}
}

function count(counts: Map<string, Record<string, number>>, topic: string, type: string, change: number): void {
	const totals = counts.get(topic) ?? {};
	totals[type] = (totals[type] ?? 0) + change;
	counts.set(topic, totals);
}
