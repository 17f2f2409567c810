import type { Ring } from '../../cluster/membership/ring.ts';
import type { View } from '../../cluster/membership/view.ts';
import type { Router } from '../../cluster/routing/router.ts';
import { type Cut, cutNothing } from '../../outbox/batch.ts';
import { Outbox } from '../../outbox/outbox.ts';
import type { RegistrationAnswer, Registrations } from '../../state/topics/registration.ts';
import { likedComment } from '../../state/topics/topic.ts';
import type { Known, Update, Updates } from '../../state/update.ts';
import { batchesByAudience } from './audience-batches.ts';
import { nextWindow } from './busy-window.ts';
import { LEASE_MS } from './leases.ts';
import { SubscriptionTable } from './subscription-table.ts';
import { TopicReads } from './topic-reads.ts';

/** The longest time for which updates wait for frontends that are behind, in milliseconds. */
export const MAX_HOLD_MS = 40;

/** The interval at which the dispatcher checks the frontends that are behind, in milliseconds. */
const LOOK_MS = 2;

export interface DispatchOptions {
	/** The name of this dispatcher. */
	readonly self: string;
	/**
	 * Updates of a topic merge for this long before they leave, in milliseconds, and longer on a busy dispatcher; the
	 * first leaves at once.
	 */
	readonly windowMs: number;
	readonly router: Router;
	readonly view: View;
	/** Splits the answer to a registration; the rest follows in batches. No split by default. */
	readonly cutAnswer?: Cut;
}

/** The sender of updates: the ring by which it chose the owner, and whether it is a dispatcher. */
export interface Origin {
	readonly view: string;
	readonly forwarded: boolean;
}

/** How often each path was taken. */
export interface DispatchCounters {
	/** Updates sent to the frontends on the table. */
	routed: number;
	/** Updates flooded since a digest was missing, or since the sender used another view. */
	unsettled: number;
	/** Updates flooded because another dispatcher forwarded them to this one, which is not their owner. */
	misrouted: number;
	/** Topics read from the store. */
	reads: number;
}

/**
 * The fan-out of a dispatcher as a state machine. It takes updates and registrations, hands batches
 * for frontends to the router, and returns the topics to read from the store. It trusts its table only
 * while every frontend has sent a digest under the same view of the cluster; until then it floods. It
 * does no I/O and reads no clock, so that a simulation can drive it.
 */
export class Dispatch {
	readonly table = new SubscriptionTable();
	readonly counters: DispatchCounters = { routed: 0, unsettled: 0, misrouted: 0, reads: 0 };
	readonly #self: string;
	readonly #router: Router;
	readonly #cutAnswer: Cut;
	readonly #windowMs: number;
	/** Updates that wait for the end of their window, by topic. */
	readonly #updates: Outbox;
	/** When to check again the updates that wait for frontends. */
	#lookAt = Number.NEGATIVE_INFINITY;
	/** The waiting topics whose updates go to every frontend. */
	readonly #flooding = new Set<string>();
	/** The last digest of each frontend with exactly the rows of the table, and the time of its arrival. */
	readonly #digests = new Map<string, Pick<Registrations, 'incarnation' | 'view'> & { readonly at: number }>();
	#view: View;
	#settled = false;
	readonly #reads = new TopicReads();

	constructor({ self, windowMs, router, view, cutAnswer = cutNothing }: DispatchOptions) {
		this.#cutAnswer = cutAnswer;
		this.#self = self;
		this.#router = router;
		this.#windowMs = windowMs;
		this.#updates = new Outbox(windowMs);
		this.#view = view;
		this.#settle();
	}

	/** Whether the table is complete: every frontend has sent a digest under this view. */
	get settled(): boolean {
		return this.#settled;
	}

	/** The number of updates that found no room. */
	get dropped(): number {
		return this.#updates.dropped;
	}

	/** The ring that this dispatcher uses. */
	get ring(): Ring {
		return this.#view.ring;
	}

	/** Returns whether this dispatcher owns the topic. */
	owns(topic: string): boolean {
		return this.#view.ring.owner(topic) === this.#self;
	}

	/** Returns whether every frontend has sent a digest at that time or later, by the clock of `subscribe`. */
	settledSince(at: number): boolean {
		return this.#settled && [...this.#view.frontends].every((name) => (this.#digests.get(name)?.at ?? 0) >= at);
	}

	/** Adjusts the window to the load: the share of time, from 0 to 1, in which the event loop works. */
	adjust(utilization: number): void {
		this.#updates.windowMs = nextWindow(this.#updates.windowMs, utilization, this.#windowMs);
	}

	/** Replaces the view of the cluster. */
	setView(view: View): void {
		const before = this.#view;
		this.#view = view;
		for (const frontend of before.frontends) {
			if (view.frontends.has(frontend)) continue;
			// mutant: drops-rows-of-gone
			this.table.dropFrontend(frontend);
			// The frontend may return in the same life, and its rows do not return with it.
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
		// The Likes node may have stored updates that it had no time to publish.
		// mutant: reads-after-likes-node
		if (isGone || lives(before).join() !== lives(view).join()) this.reread();
		// Viewers that came while it was away wait for these reads.
		if (before.goneLikes.some((node) => !view.goneLikes.includes(node))) this.#retryReads();
		this.#settle();
	}

	/** Takes updates from the Likes service or another dispatcher. */
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
		// Also topics without a row: other regions have subscriptions that this table does not know.
		// mutant: relays
		this.#router.relay(taken);
		if (onward.size > 0) this.#router.publish(onward);
	}

	/** Takes updates that this dispatcher owns by its own ring. */
	publishOwn(updates: Updates): void {
		this.publish(updates, { view: this.#view.ring.view, forwarded: true });
	}

	/** Registers topics. Returns what the frontend does not have, and mismatched topics. */
	subscribe(message: Registrations, now: number): RegistrationAnswer & { readonly mismatched: readonly string[] } {
		const { updates, reads, mismatched, hasAllRows, buckets } = this.table.subscribe(message, now);
		for (const topic of reads) this.#reads.want(topic);
		const { frontend, incarnation, view } = message;
		// Until a digest says so, the table does not have the rows of a new life.
		const isReborn = (this.#digests.get(frontend)?.incarnation ?? incarnation) < incarnation;
		if (hasAllRows) this.#digests.set(frontend, { incarnation, view, at: now });
		else if (hasAllRows === false || isReborn) this.#digests.delete(frontend);
		if (hasAllRows !== undefined || isReborn) this.#settle();
		const [answer, ...rest] = this.#cutAnswer(updates);
		for (const part of rest) if (part?.size) this.#router.deliverAll([frontend], part);
		return { updates: answer, buckets, mismatched };
	}

	/** Notes the view of a frontend: with another one than in its digest, rows may be missing. */
	witness(frontend: string, view: string): void {
		const digest = this.#digests.get(frontend);
		if (digest === undefined || digest.view === view) return;
		this.#digests.delete(frontend);
		this.#settle();
	}

	/** Reads active topics, or some, again: a read brings updates that never reached this node. */
	reread(isWanted: (topic: string) => boolean = () => true): void {
		// mutant: reads-again
		for (const topic of this.table.topics()) if (isWanted(topic)) this.#reads.wantAgain(topic);
	}

	/** Returns the topics to read from the store now; each must come back in `loaded` or `readFailed`. */
	takeReads(): string[] {
		const topics = this.#reads.take();
		this.counters.reads += topics.length;
		return topics;
	}

	/** Merges the complete state of a topic from the store. `at` is the time of the read. */
	loaded(topic: string, { comments, ...known }: Known, at: number): void {
		this.#reads.done(topic);
		this.#merge(topic, known, at);
		for (const [comment, rows] of comments ?? []) this.#merge(comment, { rows }, at);
	}

	/** Merges the stored state of one topic. */
	#merge(topic: string, known: Known, at: number): void {
		// Every topic is read repeatedly. A frontend that misses a state on the table receives it after its next digest.
		if (this.table.knows(topic, known)) return;
		const update: Update = { ...known, complete: true, sample: [], at };
		this.#take(topic, update, true);
		this.#router.relay(new Map([[topic, update]]));
	}

	/** Notes a failed read. The next digest that needs the topic reads it again, a Likes node that returns, or the next `expire`. */
	readFailed(topic: string): void {
		this.#reads.failed(topic);
	}

	/** Drops rows and digests that no frontend renewed, and repeats failed reads. */
	expire(now: number): void {
		this.#retryReads();
		this.table.expire(now);
		for (const [frontend, { at }] of this.#digests) {
			if (now - at >= LEASE_MS) this.#digests.delete(frontend);
		}
		this.#settle();
	}

	/** Reads the topics again whose last read failed, if frontends still subscribe to them. */
	#retryReads(): void {
		this.#reads.retry((topic) => this.table.has(topic));
	}

	/**
	 * Hands due updates to the router. While most frontends are behind, it waits: updates that wait merge
	 * once before the router, and once for each frontend in it, and a dispatcher at its limit would spend
	 * all its time on those merges.
	 */
	fanOut(now: number): void {
		const { dueAt } = this.#updates;
		if (dueAt !== undefined && dueAt <= now && now < dueAt + MAX_HOLD_MS && this.#router.isCrowded) {
			this.#lookAt = now + LOOK_MS;
			return;
		}
		const updates = this.#updates.take(now);
		if (updates === undefined) return;
		this.#updates.arrived(updates);
		const toAll = new Map<string, Update>();
		const toAudiences = new Map<string, Update>();
		for (const [topic, update] of updates) (this.#flooding.has(topic) ? toAll : toAudiences).set(topic, update);
		this.#router.flood(toAll);
		for (const { frontends, batch } of batchesByAudience(toAudiences, this.table))
			this.#router.deliverAll(frontends, batch);
		this.#flooding.clear();
	}

	/** When updates may leave next; undefined while none wait. */
	get dueAt(): number | undefined {
		const { dueAt } = this.#updates;
		return dueAt && Math.max(dueAt, this.#lookAt);
	}

	#take(topic: string, received: Update, agreed: boolean): void {
		for (const unread of this.table.merge(topic, received)) this.#reads.want(unread);
		const state = this.table.state(topic);
		// The likes of a comment leave complete: a frontend may have dropped them, or may miss the count of another region.
		const update = likedComment(topic) !== undefined && state?.complete ? state : received;
		if (agreed && this.#settled) {
			if (!this.table.has(topic)) return;
			this.counters.routed++;
		} else {
			this.counters.unsettled++;
			this.#flooding.add(topic);
		}
		this.#updates.put(topic, update);
	}

	#settle(): void {
		const { ring, frontends, silent } = this.#view;
		const hasDigest = (frontend: string) => this.#digests.get(frontend)?.view === ring.view && !silent.has(frontend);
		const settled = /* mutant: waits-for-digests */ [...frontends].every(hasDigest);
		// Updates that arrived while views differed may have reached no frontend with a row: the store has them.
		if (settled && !this.#settled) this.reread();
		this.#settled = settled;
	}
}
