import type { RecentLike, Totals } from '@likewire/protocol';
import type { Clock } from '../engine/clock.ts';
import type { Random } from '../engine/random.ts';
import { RetryingClient, type Send } from './retrying-client.ts';

const TYPES = ['heart', 'clap'];

interface Like {
	readonly topic: string;
	readonly id: string;
	readonly user: string;
	readonly type: string;
}

/** A request to give a like, or to take one back. */
export interface LikeRequest extends Like {
	readonly kind: 'like' | 'takeBack';
}

/**
 * Users that like and take back, over a network that loses requests and answers: each sends again
 * until it is answered. They know what the store must count at the end, whatever the gateway does.
 */
export class Likers {
	readonly #clock: Clock;
	readonly #random: Random;
	readonly #client: RetryingClient<LikeRequest>;
	readonly #expected = new Map<string, Record<string, number>>();
	readonly #givenOf = new Map<string, Record<string, number>>();
	readonly #given = new Map<string, Like>();

	constructor(clock: Clock, random: Random, send: Send<LikeRequest>) {
		this.#clock = clock;
		this.#random = random;
		this.#client = new RetryingClient(clock, send);
	}

	get allAnswered(): boolean {
		return this.#client.allAnswered;
	}

	/** Returns the likes of a topic that must remain once all are answered. */
	expected(topic: string): Totals {
		return this.#expected.get(topic) ?? {};
	}

	/** The number of likes so far. */
	get given(): number {
		return this.#given.size;
	}

	/** Returns whether a user gave this like to this topic. */
	isGiven(topic: string, { id, user, type }: RecentLike): boolean {
		const like = this.#given.get(id);
		return like?.topic === topic && like.user === user && like.type === type;
	}

	/** Returns the number of likes of a topic so far, by type, also of those that users took back. */
	givenOf(topic: string): Totals {
		return this.#givenOf.get(topic) ?? {};
	}

	/** Plans a like; with `takeBack`, its user takes it back once it is answered. */
	plan(topic: string, time: number, takeBack: boolean): void {
		this.#clock.at(Math.round(time), () => this.#like(topic, takeBack));
	}

	/** Plans a like of a topic that `choose` picks at that time; it may pick none. */
	planLater(choose: () => string | undefined, time: number, takeBack: boolean): void {
		this.#clock.at(Math.round(time), () => {
			const topic = choose();
			if (topic !== undefined) this.#like(topic, takeBack);
		});
	}

	#like(topic: string, takeBack: boolean): void {
		const like = {
			topic,
			id: this.#random.uuid(),
			user: `user-${this.#random.integer(1, 5)}`,
			type: this.#random.pick(TYPES),
		};
		this.#given.set(like.id, like);
		count(this.#givenOf, topic, like.type, 1);
		count(this.#expected, topic, like.type, 1);
		this.#client.send({ kind: 'like', ...like }, () => {
			if (!takeBack) return;
			count(this.#expected, topic, like.type, -1);
			this.#client.send({ ...like, kind: 'takeBack' }, () => undefined);
		});
	}
}

function count(counts: Map<string, Record<string, number>>, topic: string, type: string, change: number): void {
	const totals = counts.get(topic) ?? {};
	totals[type] = (totals[type] ?? 0) + change;
	counts.set(topic, totals);
}
