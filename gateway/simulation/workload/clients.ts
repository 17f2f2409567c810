import type { Ingest } from '../../src/ingest/ingest.ts';
import { GatewayError } from '../../src/runtime/errors.ts';
import { spreadHash } from '../../src/state/hash.ts';
import { idOf, kindOf, videoTopic } from '../../src/state/topics/topic.ts';
import type { Clock } from '../engine/clock.ts';
import { FAIR, Network, type NetworkConditions } from '../engine/network.ts';
import type { Random } from '../engine/random.ts';
import type { Node } from '../node/node.ts';
import { Commenters, type CommentRequest, type Reuse, type Route } from './commenters.ts';
import { type LikeRequest, Likers } from './likers.ts';
import { type ReceiptRequest, Receipts } from './receipts.ts';
import type { Answered, Send } from './retrying-client.ts';

/** The longest time that a viewer is behind the live program, in milliseconds. */
const MAX_BEHIND_MS = 40_000;

/** The share of comments that their authors delete. */
const DELETED = 0.3;

/** The share of comments whose id is written again in another region. */
const REUSED = 0.25;
const REUSES: readonly Reuse[] = ['same user', 'other user'];

export interface ClientsOptions {
	readonly clock: Clock;
	readonly random: Random;
	readonly videos: readonly string[];
	/** The conditions between clients and the Likes nodes, in both directions. */
	readonly conditions: NetworkConditions;
	/** Whether users take some likes back. */
	readonly takeBacks: boolean;
	/** Whether stores may forget what they answered. */
	readonly mayForget: boolean;
	/** Whether ids of comments are written again in other regions. */
	readonly reuses: boolean;
	/** Returns the Likes node to which a balancer routes; undefined when none runs. */
	readonly likesFor: (route: Route) => Node | undefined;
}

/** The clients of users that like, comment and read, and the network between them and the Likes nodes. */
export class Clients {
	readonly likers: Likers;
	readonly commenters: Commenters;
	readonly receipts: Receipts;
	/** The comment on each video that received a like after the last fault, by its topic. */
	readonly likedLast = new Map<string, string>();
	/** The time at which the last client first sends, in milliseconds. */
	lastAt = 0;
	readonly #options: ClientsOptions;
	readonly #network: Network;

	constructor(options: ClientsOptions) {
		const { clock, random, conditions, mayForget } = options;
		this.#options = options;
		this.#network = new Network(clock, random);
		this.#network.conditions = conditions;
		const sendLike = this.#sender<LikeRequest>(
			({ id }) => id,
			({ likes }, { kind, ...like }, { wallTime }) =>
				kind === 'like' ? likes.like({ ...like, position: positionOf(like, wallTime()) }) : likes.takeBack(like),
		);
		this.likers = new Likers(clock, random, sendLike);
		const sendComment = this.#sender<CommentRequest>(
			({ route }) => route,
			({ log }, { kind, video, id, user, text }) =>
				kind === 'comment'
					? log.comment({ video, id, user, text, parent: undefined })
					: log.deleteComment({ video, id, user, moderator: false }),
		);
		this.commenters = new Commenters({ clock, random, mayForget, send: sendComment });
		const sendReceipt = this.#sender<ReceiptRequest>(
			({ conversation }) => conversation,
			({ log, signals }, { conversation, message, user }) =>
				user === undefined
					? log.addEvent({ topic: conversation, id: message, name: 'message', data: {} })
					: signals.receipt({ conversation: idOf(conversation), user, message, state: 'read' }),
		);
		this.receipts = new Receipts({ clock, random, send: sendReceipt });
	}

	/** Stops the loss of messages between clients and Likes nodes. */
	calm(): void {
		this.#network.conditions = FAIR;
	}

	/** Returns which kind of command has no answer yet; undefined when all are answered. */
	get unanswered(): string | undefined {
		if (!this.likers.allAnswered) return 'a like was never answered';
		if (!this.receipts.allAnswered) return 'a receipt was never answered';
		return this.commenters.allAnswered ? undefined : 'a comment was never answered';
	}

	/** A user likes a random video. */
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

	/** A user likes a comment on a random video, if the video has one by then. */
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

	/** A user comments on a random video. */
	comment(time: number): void {
		const { random, videos } = this.#options;
		this.lastAt = Math.max(this.lastAt, time);
		const reuse = this.#options.reuses && random.chance(REUSED) ? random.pick(REUSES) : undefined;
		// Where one user wrote one id twice, a deletion names only one of the two comments.
		this.commenters.plan(random.pick(videos), time, reuse !== 'same user' && random.chance(DELETED), reuse);
	}

	/** Some users like and comment within `spreadMs` from a time on. */
	burst(from: number, spreadMs: number): void {
		const { random } = this.#options;
		for (let like = random.integer(0, 6); like > 0; like--) this.like(from + random.next() * spreadMs);
		for (let comment = random.integer(0, 3); comment > 0; comment--) this.comment(from + random.next() * spreadMs);
	}

	/** Writes `count` comments on a video within `spreadMs`. */
	flood(video: string, time: number, count: number, spreadMs: number): void {
		this.lastAt = Math.max(this.lastAt, time + spreadMs);
		for (let comment = 0; comment < count; comment++) {
			this.commenters.plan(video, time + (comment * spreadMs) / count, comment % 100 === 0);
		}
	}

	/** Likes each video and a comment on it, and comments on each video, now. */
	speak(): void {
		const { clock, videos } = this.#options;
		for (const video of videos) {
			this.likers.plan(videoTopic(video), clock.now, false);
			this.commenters.plan(video, clock.now, false);
			const comment = this.#someComment(video);
			if (comment === undefined) continue;
			this.likedLast.set(video, comment);
			this.likers.plan(comment, clock.now, false);
		}
	}

	/** Returns a function that sends requests to Likes nodes: a copy may arrive late, and so may its answer. */
	#sender<Request>(
		routeOf: (request: Request) => Route,
		ask: (ingest: Ingest, request: Request, node: Node) => Promise<unknown>,
	): Send<Request> {
		const carry = (arrive: () => void) => this.#network.carry('', '', arrive);
		return (request, answer) =>
			carry(() => {
				const node = this.#options.likesFor(routeOf(request));
				node?.write(
					(ingest) => ask(ingest, request, node),
					(outcome) => {
						const answered: Answered = outcome instanceof GatewayError ? outcome.code : 'done';
						carry(() => answer(answered));
					},
				);
			});
	}
}

/**
 * Returns what the user of a like saw. A like that is sent again has another position, and counts at
 * its first one. The choice is a hash, so that it draws no random number of the schedule.
 */
function positionOf({ topic, id }: Pick<LikeRequest, 'topic' | 'id'>, now: number): number | undefined {
	const hash = spreadHash(id);
	return kindOf(topic) === 'video' && hash % 4 > 0 ? now - (hash % MAX_BEHIND_MS) : undefined;
}
