import { videoTopic } from '../../src/state/topics/topic.ts';
import type { Command, Outcome } from '../../src/store/store.ts';
import type { Timeline } from '../engine/clock.ts';
import { FAIR, Network, type Weather } from '../engine/network.ts';
import type { Random } from '../engine/random.ts';
import type { LikesRole } from '../node/likes-role.ts';
import { Commenters, type Reuse, type Route } from './commenters.ts';
import { Likers } from './likers.ts';
import { Receipts } from './receipts.ts';
import type { Send } from './retrying-client.ts';

/** A comment is deleted so often. */
const DELETED = 0.3;

/** The id of a comment is written again in another region so often. */
const REUSED = 0.25;
/** A clock is right, or a minute or a day ahead or behind, in milliseconds. */
const CLOCK_ERRORS_MS = [0, 0, 60_000, -60_000, 86_400_000, -86_400_000];
const REUSES: readonly Reuse[] = ['same user', 'other user'];

export interface ClientsOptions {
	readonly timeline: Timeline;
	readonly random: Random;
	readonly videos: readonly string[];
	/** The way from people to the Likes nodes, and back. */
	readonly weather: Weather;
	/** Likes are taken back, some of them. */
	readonly takeBacks: boolean;
	/** Stores may forget what they answered. */
	readonly mayForget: boolean;
	/** Ids of comments are written again in other regions. */
	readonly reuses: boolean;
	/** Clocks of nodes are set back and forward. */
	readonly clocksJump: boolean;
	/** The Likes service that a balancer sends something to; undefined when that is not there. */
	readonly likesFor: (route: Route) => LikesRole | undefined;
}

/** People who like and comment, and the way between them and the Likes nodes. */
export class Clients {
	readonly likers: Likers;
	readonly commenters: Commenters;
	readonly receipts: Receipts;
	/** The comment on each video that was liked when nothing failed any more, by its topic. */
	readonly likedLast = new Map<string, string>();
	/** When the last of them does something for the first time. */
	lastAt = 0;
	readonly #options: ClientsOptions;
	readonly #network: Network;

	constructor(options: ClientsOptions) {
		const { timeline, random, weather, mayForget, clocksJump, likesFor } = options;
		this.#options = options;
		this.#network = new Network(timeline, random);
		this.#network.weather = weather;
		this.likers = new Likers(
			timeline,
			random,
			this.#sendBy<Command, Outcome>((command, answer) => likesFor(command.id)?.receive(command, answer)),
		);
		this.commenters = new Commenters({
			timeline,
			random,
			mayForget,
			clockErrorMs: () => (clocksJump ? random.pick(CLOCK_ERRORS_MS) : 0),
			send: (command, route, answer) =>
				this.#carry((back) => likesFor(route)?.receiveLog(command, (outcome) => back(() => answer(outcome)))),
		});
		this.receipts = new Receipts({
			timeline,
			random,
			send: (command, route, answer) =>
				this.#carry((back) => likesFor(route)?.receiveValue(command, (kept) => back(() => answer(kept)))),
		});
	}

	/** Nothing of what they send is lost any more. */
	calm(): void {
		this.#network.weather = FAIR;
	}

	/** What nobody answered yet; undefined when all is answered. */
	get unanswered(): string | undefined {
		if (!this.likers.allAnswered) return 'a like was never answered';
		if (!this.receipts.allAnswered) return 'a receipt was never answered';
		return this.commenters.allAnswered ? undefined : 'a comment was never answered';
	}

	/** Somebody likes some video. */
	like(time: number): void {
		const { random, videos, takeBacks } = this.#options;
		this.lastAt = Math.max(this.lastAt, time);
		this.likers.plan(videoTopic(random.pick(videos)), time, takeBacks && random.chance(0.4));
	}

	/** A user reads the newest message of a conversation. */
	read(time: number): void {
		this.lastAt = Math.max(this.lastAt, time);
		this.receipts.plan(time);
	}

	/** A user likes a comment on some video, if there is one by then. */
	likeComment(time: number): void {
		const { random, videos, takeBacks } = this.#options;
		this.lastAt = Math.max(this.lastAt, time);
		const video = random.pick(videos);
		this.likers.planLater(() => this.#someComment(video), time, takeBacks && random.chance(0.4));
	}

	#someComment(video: string): string | undefined {
		const topics = this.commenters.topics.get(video);
		return topics && this.#options.random.pick(topics);
	}

	/** Somebody writes about some video. */
	comment(time: number): void {
		const { random, videos } = this.#options;
		this.lastAt = Math.max(this.lastAt, time);
		const reuse = this.#options.reuses && random.chance(REUSED) ? random.pick(REUSES) : undefined;
		// Of two comments of one user, with one id, a deletion names one.
		this.commenters.plan(random.pick(videos), time, reuse !== 'same user' && random.chance(DELETED), reuse);
	}

	/** Some people like and comment from a time on, in so many milliseconds. */
	burst(from: number, spreadMs: number): void {
		const { random } = this.#options;
		for (let like = random.integer(0, 6); like > 0; like--) this.like(from + random.next() * spreadMs);
		for (let comment = random.integer(0, 3); comment > 0; comment--) this.comment(from + random.next() * spreadMs);
	}

	/** Everybody writes about a video, in so many milliseconds. */
	flood(video: string, time: number, count: number, spreadMs: number): void {
		this.lastAt = Math.max(this.lastAt, time + spreadMs);
		for (let comment = 0; comment < count; comment++) {
			this.commenters.plan(video, time + (comment * spreadMs) / count, comment % 100 === 0);
		}
	}

	/** A like of each video and of a comment on it, and a comment, now. */
	speak(): void {
		const { timeline, videos } = this.#options;
		for (const video of videos) {
			this.likers.plan(videoTopic(video), timeline.now, false);
			this.commenters.plan(video, timeline.now, false);
			const comment = this.#someComment(video);
			if (comment === undefined) continue;
			this.likedLast.set(video, comment);
			this.likers.plan(comment, timeline.now, false);
		}
	}

	#sendBy<Sent, Answer>(receive: Send<Sent, Answer>): Send<Sent, Answer> {
		return (command, answer) => this.#carry((back) => receive(command, (outcome) => back(() => answer(outcome))));
	}

	/** A copy of a command may come late, and its answer, too. */
	#carry(arrive: (back: (then: () => void) => void) => void): void {
		this.#network.carry('', '', () => arrive((then) => this.#network.carry('', '', then)));
	}
}
