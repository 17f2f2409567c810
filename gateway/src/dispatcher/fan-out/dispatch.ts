import type { Ring } from '../../cluster/membership/ring.ts';
import type { View } from '../../cluster/membership/view.ts';
import type { Router } from '../../cluster/routing/router.ts';
import { type Cut, cutNothing } from '../../outbox/batch.ts';
import { Outbox } from '../../outbox/outbox.ts';
import type { Registrations } from '../../state/topics/registration.ts';
import { likedComment } from '../../state/topics/topic.ts';
import type { Known, Update, Updates } from '../../state/update.ts';
import { type Answer, ROW_LIFETIME_MS, SubscriptionTable } from './subscription-table.ts';
import { TopicReads } from './topic-reads.ts';

/** News wait for frontends that are behind for so long at the most, in milliseconds, … */
export const MAX_HOLD_MS = 40;

/** … and so often it is looked whether they still are. */
const LOOK_MS = 2;

export interface DispatchOptions {
	/** The name of this dispatcher. */
	readonly self: string;
	/** News of a topic gather for so long before they go to frontends, in milliseconds; the first at once. */
	readonly windowMs: number;
	readonly router: Router;
	readonly view: View;
	/** Splits the answer to a registration: the rest follows in batches. Everything is in the answer when not given. */
	readonly cutAnswer?: Cut;
}

/** The sender of updates: the ring by which it took this dispatcher for the owner, and whether it is a dispatcher itself. */
export interface Origin {
	readonly view: string;
	readonly forwarded: boolean;
}

/** How often each path was taken. */
export interface DispatchCounters {
	/** Updates told to the frontends on the table. */
	routed: number;
	/** Updates flooded because a frontend had sent no digest under this view, or the sender went by another view. */
	unsettled: number;
	/** Updates flooded because they were sent on already, and yet to no owner. */
	misrouted: number;
	/** Topics read from the store. */
	reads: number;
}

/**
 * The dispatcher as a state machine: news and registrations go in; what frontends are to get goes to the router, and
 * topics to be read from the store come out. It trusts its table only while every frontend has told it all under the
 * same view of the cluster; in doubt it floods. It does no I/O and asks no clock, so that a simulation can drive it.
 */
export class Dispatch {
	readonly table = new SubscriptionTable();
	readonly counters: DispatchCounters = { routed: 0, unsettled: 0, misrouted: 0, reads: 0 };
	readonly #self: string;
	readonly #router: Router;
	readonly #cutAnswer: Cut;
	/** News on their way out, by topic. */
	readonly #news: Outbox;
	/** When to look again at news that wait for frontends. */
	#lookAt = Number.NEGATIVE_INFINITY;
	/** Those of the topics in there that every frontend is to get. */
	readonly #flooding = new Set<string>();
	/** The end of the last digest of each frontend, and when it came. */
	readonly #digests = new Map<string, Pick<Registrations, 'incarnation' | 'seq' | 'view'> & { readonly at: number }>();
	#view: View;
	#settled = false;
	readonly #reads = new TopicReads();

	constructor({ self, windowMs, router, view, cutAnswer = cutNothing }: DispatchOptions) {
		this.#cutAnswer = cutAnswer;
		this.#self = self;
		this.#router = router;
		this.#news = new Outbox(windowMs);
		this.#view = view;
		this.#settle();
	}

	/** Whether the table is known to be whole. */
	get settled(): boolean {
		return this.#settled;
	}

	/** Updates that found no room. */
	get dropped(): number {
		return this.#news.dropped;
	}

	/** The ring that this dispatcher goes by. */
	get ring(): Ring {
		return this.#view.ring;
	}

	/** Whether this dispatcher is the one that news of the topic go to. */
	owns(topic: string): boolean {
		return this.#view.ring.owner(topic) === this.#self;
	}

	/** Whether every frontend has sent a digest at that time or later, by the clock of `subscribe`. */
	settledSince(at: number): boolean {
		return this.#settled && [...this.#view.frontends].every((name) => (this.#digests.get(name)?.at ?? 0) >= at);
	}

	/** The cluster changed. */
	setView(view: View): void {
		const before = this.#view;
		this.#view = view;
		for (const frontend of before.frontends) {
			if (view.frontends.has(frontend)) continue;
			// mutant: drops-rows-of-gone
			this.table.dropFrontend(frontend);
			// It may come back in the same life, and its rows do not come back with it.
			this.#digests.delete(frontend);
		}
		for (const frontend of view.frontends) {
			const incarnation = view.incarnations.get(frontend);
			if (incarnation === undefined || incarnation === before.incarnations.get(frontend)) continue;
			this.table.dropFrontend(frontend, incarnation);
			if ((this.#digests.get(frontend)?.incarnation ?? 0) < incarnation) this.#digests.delete(frontend);
		}
		const lives = (of: View) => of.likes.map((node) => `${node} ${of.incarnations.get(node)}`).sort();
		const isGone = view.goneLikes.some((node) => !before.goneLikes.includes(node));
		// It may have stored what it had no time to publish.
		// mutant: reads-after-likes-node
		if (isGone || lives(before).join() !== lives(view).join()) this.reread();
		this.#settle();
	}

	/** News from the Likes service or another dispatcher. */
	publish(updates: Updates, { view, forwarded }: Origin): void {
		const { ring } = this.#view;
		const onward = new Map<string, Update>();
		const taken = new Map<string, Update>();
		for (const [topic, update] of updates) {
			const isOwner = ring.owner(topic) === this.#self;
			if (!isOwner && !forwarded) {
				onward.set(topic, update);
				continue;
			}
			// mutant: takes-forwarded
			if (!isOwner) this.counters.misrouted++;
			this.#take(topic, update, isOwner && view === ring.view);
			taken.set(topic, update);
		}
		// Whether or not somebody follows them here: who does in other regions is known only there.
		// mutant: relays
		this.#router.relay(taken);
		if (onward.size > 0) this.#router.publish(onward);
	}

	/** News whose owner is this dispatcher, by its own ring. */
	publishOwn(updates: Updates): void {
		this.publish(updates, { view: this.#view.ring.view, forwarded: true });
	}

	/** A frontend registers its topics. Returns the states that it lacks, and names topics that it has otherwise. */
	subscribe(message: Registrations, now: number): Omit<Answer, 'reads'> {
		const { updates, reads, mismatched } = this.table.subscribe(message, now);
		for (const topic of reads) this.#reads.want(topic);
		const { frontend, incarnation, seq, view, digestSince } = message;
		const last = this.#digests.get(frontend);
		const isLate = last && (last.incarnation - incarnation || last.seq - seq) > 0;
		if (digestSince !== undefined && !isLate) {
			this.#digests.set(frontend, { incarnation, seq, view, at: now });
			this.#settle();
		}
		const [answer, ...rest] = this.#cutAnswer(updates);
		for (const part of rest) if (part?.size) this.#router.deliverAll([frontend], part);
		return { updates: answer, mismatched };
	}

	/** A frontend was heard to go by a view: under another one than that of its digest it may follow more than it told. */
	witness(frontend: string, view: string): void {
		const digest = this.#digests.get(frontend);
		if (digest === undefined || digest.view === view) return;
		this.#digests.delete(frontend);
		this.#settle();
	}

	/** Reads all active topics, or some of them, again: that heals what never reached this dispatcher. */
	reread(isWanted: (topic: string) => boolean = () => true): void {
		// mutant: reads-again
		for (const topic of this.table.topics()) if (isWanted(topic)) this.#reads.wantAgain(topic);
	}

	/** The topics to read from the store now; each must come back in `loaded` or `readFailed`. */
	takeReads(): string[] {
		const topics = this.#reads.take();
		this.counters.reads += topics.length;
		return topics;
	}

	/** The store answered: what it knows of the topic is complete. `at` is the time of the read. */
	loaded(topic: string, { comments, ...known }: Known, at: number): void {
		this.#reads.done(topic);
		this.#merge(topic, known, at);
		for (const [comment, rows] of comments ?? []) this.#merge(comment, { rows }, at);
	}

	/** Merges what the store knows of a topic. */
	#merge(topic: string, known: Known, at: number): void {
		// All topics are read again and again. Who lacks what is known here anyway gets it after the next digest.
		if (this.table.knows(topic, known)) return;
		const update: Update = { ...known, complete: true, sample: [], at };
		this.#take(topic, update, true);
		this.#router.relay(new Map([[topic, update]]));
	}

	/** The store did not answer. The next digest that needs the topic asks again, or the next `expire`. */
	readFailed(topic: string): void {
		this.#reads.failed(topic);
	}

	/** Drops rows that were not renewed, trusts no digest that is as old, and wants again what could not be read. */
	expire(now: number): void {
		this.#reads.retry((topic) => this.table.has(topic));
		this.table.expire(now);
		for (const [frontend, { at }] of this.#digests) {
			if (now - at >= ROW_LIFETIME_MS) this.#digests.delete(frontend);
		}
		this.#settle();
	}

	/**
	 * Sends what is due on its way to the frontends. While most of them are behind it holds back for a moment: here news
	 * merge once, there once for each frontend, and a dispatcher at its limit would spend all its time on that.
	 */
	fanOut(now: number): void {
		const { dueAt } = this.#news;
		if (dueAt !== undefined && dueAt <= now && now < dueAt + MAX_HOLD_MS && this.#router.isCrowded) {
			this.#lookAt = now + LOOK_MS;
			return;
		}
		const news = this.#news.take(now);
		if (news === undefined) return;
		this.#news.arrived(news);
		/** What goes to the same frontends goes in one batch: merged, cut and encoded once for all of them. */
		const batches = new Map<string, { readonly frontends: Iterable<string>; readonly batch: Map<string, Update> }>();
		const toAll = new Map<string, Update>();
		for (const [topic, update] of news) {
			if (this.#flooding.has(topic)) {
				toAll.set(topic, update);
				continue;
			}
			const audience = this.table.audience(topic);
			const known = batches.get(audience);
			if (known !== undefined) known.batch.set(topic, update);
			else batches.set(audience, { frontends: this.table.frontends(topic), batch: new Map([[topic, update]]) });
		}
		this.#router.flood(toAll);
		for (const { frontends, batch } of batches.values()) this.#router.deliverAll(frontends, batch);
		this.#flooding.clear();
	}

	/** When news may go out next; undefined while there are none. */
	get dueAt(): number | undefined {
		const { dueAt } = this.#news;
		return dueAt && Math.max(dueAt, this.#lookAt);
	}

	#take(topic: string, received: Update, agreed: boolean): void {
		for (const unread of this.table.merge(topic, received)) this.#reads.want(unread);
		const state = this.table.state(topic);
		// The likes of a comment go out whole: a frontend may have forgotten it, or never known what another region counted.
		const update = likedComment(topic) !== undefined && state?.complete ? state : received;
		if (agreed && this.#settled) {
			if (!this.table.has(topic)) return;
			this.counters.routed++;
		} else {
			this.counters.unsettled++;
			this.#flooding.add(topic);
		}
		this.#news.put(topic, update);
	}

	#settle(): void {
		const { ring, frontends, unheard } = this.#view;
		const hasTold = (frontend: string) => this.#digests.get(frontend)?.view === ring.view && !unheard.has(frontend);
		const settled = /* mutant: waits-for-digests */ [...frontends].every(hasTold);
		// News that came while views differed may have gone to nobody who had a row: the store has them.
		if (settled && !this.#settled) this.reread();
		this.#settled = settled;
	}
}
