import type { Cut } from '../../outbox/batch.ts';
import { Outbox } from '../../outbox/outbox.ts';
import type { Update, Updates } from '../../state/update.ts';
import type { View } from '../membership/view.ts';
import { BatchQueue, type PeerBatch } from './batch-queue.ts';

/** Updates that a frontend cannot be sent take the indirect path at most this often, in milliseconds. */
export const INDIRECT_DELIVERY_MS = 500;

/** A frontend that nothing reaches for this long, in milliseconds, gets nothing that waited; its digest brings it later. */
export const GIVE_UP_MS = 3_000;

/** The ways to other regions. */
export interface Relay {
	/** Takes updates for all other regions, of which it sends what is of this region. */
	put(updates: Updates): void;
}

/** What a node does itself. */
export interface LocalNode {
	/** Takes updates whose owner this node is. */
	publish(updates: Updates): void;
	/** Takes updates for the viewers of this node. */
	deliver(updates: Updates): void;
	/** The cluster changed. */
	onView(view: View): void;
}

const NOT_STARTED: LocalNode = { publish: () => undefined, deliver: () => undefined, onView: () => undefined };

/** How often each path was taken. */
export class RouterCounters {
	/** Updates sent to another node that owns their topic. */
	forwarded = 0;
	/** Updates sent to every frontend … */
	floods = 0;
	/** … of these, because their owner did not answer in time, or there is none. */
	unanswered = 0;
	/** Batches that did not arrive and were sent again. */
	retries = 0;
	/** Updates for a frontend that were handed to another dispatcher, because they did not arrive. */
	detours = 0;
	/** Updates given up, since nothing reached their frontend for too long. */
	givenUp = 0;
	/** Batches that their receiver refused as too long, … */
	tooLong = 0;
	/** … and updates dropped, because it refused the shortest, too. */
	refused = 0;
}

/**
 * Brings updates to the owner of their topic, from there to frontends, and to this node itself without the network. One
 * batch is in flight for each node, the rest merges. Updates of an owner that does not answer in time go to every frontend
 * as well. Deterministic.
 */
export class Router {
	readonly counters = new RouterCounters();
	readonly #self: string;
	readonly #windowMs: number;
	readonly #owners = new Map<string, BatchQueue>();
	readonly #frontends = new Map<string, BatchQueue>();
	/** Updates while there is no dispatcher; every frontend had them, and the next owner needs them, too. */
	readonly #unowned = new Outbox(0);
	readonly #relay: Relay;
	#local = NOT_STARTED;
	#view: View;

	/** `windowMs`: an owner gets at most one batch in it. Batches for frontends leave as soon as the last one arrived. */
	constructor(self: string, windowMs: number, view: View, relay: Relay = { put: () => undefined }) {
		this.#self = self;
		this.#relay = relay;
		this.#windowMs = windowMs;
		this.#view = view;
	}

	/** Hands what is for this node to `local` from now on. */
	start(local: LocalNode): void {
		this.#local = local;
	}

	/** The cluster by which it routes. */
	get view(): View {
		return this.#view;
	}

	/** How many updates found no room so far. */
	get dropped(): number {
		let sum = 0;
		for (const { outbox } of this.#queues()) sum += outbox.dropped;
		return sum;
	}

	/** Nothing waits for any node, and nothing is in flight. */
	get isIdle(): boolean {
		for (const { outbox } of this.#queues()) if (!outbox.isEmpty) return false;
		return true;
	}

	/** Most frontends have not confirmed their last batch, though they may: updates should merge before they part. */
	get isCrowded(): boolean {
		let busy = 0;
		for (const { inFlight, failingSince } of this.#frontends.values()) {
			if (inFlight !== undefined && failingSince === undefined) busy++;
		}
		return busy > this.#frontends.size / 2;
	}

	/** Routes by this view from now on. Updates for nodes that left go to their new owners. */
	setView(view: View): void {
		if (view === this.#view) return;
		this.#view = view;
		for (const [node, { outbox }] of this.#frontends) {
			if (view.frontends.has(node)) continue;
			this.counters.givenUp += outbox.clear().size;
			this.#frontends.delete(node);
		}
		const stranded: Updates[] = view.ring.members.length === 0 ? [] : [this.#unowned.clear()];
		for (const [node, { outbox }] of this.#owners) {
			if (view.ring.has(node)) continue;
			stranded.push(outbox.clear());
			this.#owners.delete(node);
		}
		const own = new Outbox(0);
		for (const updates of stranded) for (const [topic, update] of this.#route(updates)) own.put(topic, update);
		this.#local.onView(view);
		this.#publishHere(own.clear());
	}

	/** Brings updates to their owners. */
	publish(updates: Updates): void {
		this.#publishHere(this.#route(updates));
	}

	/** Brings an update to one frontend. */
	deliver(frontend: string, topic: string, update: Update): void {
		this.#frontend(frontend).outbox.put(topic, update);
	}

	/** Brings the same updates to many frontends, in a batch that nobody changes any more. */
	deliverAll(frontends: Iterable<string>, updates: Updates): void {
		for (const frontend of frontends) this.#frontend(frontend).outbox.putAll(updates);
	}

	/** Brings updates to the other regions: the node that brings them to the frontends of this one does that, too. */
	relay(updates: Updates): void {
		this.#relay.put(updates);
	}

	/** Brings updates to every frontend, in a batch that nobody changes any more. Merging makes it safe. */
	flood(updates: Updates): void {
		if (updates.size === 0) return;
		this.counters.floods += updates.size;
		// mutant: floods
		this.deliverAll(this.#view.frontends, updates);
	}

	/** Returns the batches that leave for other nodes now, and delivers what is for this one. `cutOf`: see {@link BatchQueue.take}. */
	take(now: number, cutOf?: (halvings: number) => Cut): PeerBatch[] {
		for (const queue of this.#owners.values()) {
			const { inFlight, answerDueAt } = queue;
			if (inFlight !== undefined && answerDueAt !== undefined && answerDueAt <= now) this.#passBy(queue, inFlight);
		}
		const batches: PeerBatch[] = [];
		for (const queue of this.#queues()) {
			// A batch for this node is never encoded, so none is cut.
			const batch = queue.take(now, queue.to === this.#self ? undefined : cutOf);
			if (batch !== undefined) batches.push(batch);
		}
		const here = batches.find(({ to }) => to === this.#self);
		if (here === undefined) return batches;
		this.#local.deliver(here.updates);
		this.arrived(here);
		return batches.filter((batch) => batch !== here);
	}

	/** A batch arrived. */
	arrived(batch: PeerBatch): void {
		this.#queueOf(batch)?.arrived(batch);
	}

	/** A batch did not arrive, or its node did not say so in time. */
	failed(batch: PeerBatch, now: number): void {
		const queue = this.#queueOf(batch);
		if (queue === undefined) return;
		this.counters.retries++;
		if (batch.kind === 'publish') {
			// mutant: doubts-failing-owner
			if (!queue.unresponsive) this.#passBy(queue, batch);
			queue.failed(batch, now);
			return;
		}
		// Only an indirect path that was taken holds off the next one: the first tries fail before the ping that is missed.
		if (now - queue.indirectAt >= INDIRECT_DELIVERY_MS && this.#deliverIndirectly(batch.to, batch.updates))
			queue.indirectAt = now;
		queue.failed(batch, now);
		if (now - (queue.failingSince ?? now) < GIVE_UP_MS) return;
		const rest = queue.giveUp();
		this.counters.givenUp += rest.size;
		this.#deliverIndirectly(batch.to, rest);
	}

	/** The node refused a batch as too long: its updates leave in shorter ones. */
	tooLong(batch: PeerBatch, now: number): void {
		const queue = this.#queueOf(batch);
		if (queue === undefined) return;
		this.counters.tooLong++;
		if (!queue.tooLong(batch, now)) this.counters.refused += batch.updates.size;
	}

	/** When `take` has something to do next; undefined when nothing waits. */
	get dueAt(): number | undefined {
		let due = Number.POSITIVE_INFINITY;
		for (const { outbox, answerDueAt } of this.#queues()) due = Math.min(due, outbox.dueAt ?? due, answerDueAt ?? due);
		return due === Number.POSITIVE_INFINITY ? undefined : due;
	}

	*#queues(): Iterable<BatchQueue> {
		yield* this.#owners.values();
		yield* this.#frontends.values();
	}

	#frontend(node: string): BatchQueue {
		const queue = this.#frontends.get(node) ?? new BatchQueue(node, 'deliver', 0);
		this.#frontends.set(node, queue);
		return queue;
	}

	#owner(node: string): BatchQueue {
		const queue = this.#owners.get(node) ?? new BatchQueue(node, 'publish', this.#windowMs);
		this.#owners.set(node, queue);
		return queue;
	}

	/** The queue of a batch, while that is in flight. */
	#queueOf(batch: PeerBatch): BatchQueue | undefined {
		const queue = (batch.kind === 'publish' ? this.#owners : this.#frontends).get(batch.to);
		return queue?.inFlight === batch ? queue : undefined;
	}

	#publishHere(own: Updates): void {
		if (own.size > 0) this.#local.publish(own);
	}

	/** Queues updates for their owners. Returns those that this node owns itself. */
	#route(updates: Updates): Updates {
		const own = new Map<string, Update>();
		const unanswered = new Map<string, Update>();
		for (const [topic, update] of updates) {
			const owner = this.#view.ring.owner(topic);
			if (owner === this.#self) own.set(topic, update);
			else if (owner === undefined) {
				this.#unowned.put(topic, update);
				unanswered.set(topic, update);
			} else {
				const queue = this.#owner(owner);
				queue.outbox.put(topic, update);
				this.counters.forwarded++;
				// mutant: floods-while-in-doubt
				if (queue.unresponsive) unanswered.set(topic, update);
			}
		}
		this.#floodUnanswered(unanswered);
		return own;
	}

	/** The owner may be gone: what it has not confirmed goes to every frontend, and so does what follows. */
	#passBy(queue: BatchQueue, { updates }: PeerBatch): void {
		queue.unresponsive = true;
		this.#floodUnanswered(updates);
		this.#floodUnanswered(new Map(queue.outbox.waiting()));
	}

	#floodUnanswered(updates: Updates): void {
		this.counters.unanswered += updates.size;
		this.flood(updates);
		this.relay(updates);
	}

	/**
	 * Hands updates for a frontend that also misses pings to another dispatcher: the way there may be cut for this node
	 * alone. The other one gets what this one owns and, not being the owner, sends it to every frontend. It takes no indirect
	 * path itself, so nothing goes round in circles. Returns whether it handed over anything.
	 */
	#deliverIndirectly(to: string, updates: Updates): boolean {
		const { ring, suspects } = this.#view;
		if (!suspects.has(to)) return false;
		const other = ring.members.find(
			({ node }) => node !== this.#self && node !== to && !this.#owners.get(node)?.unresponsive,
		);
		if (other === undefined) return false;
		const before = this.counters.detours;
		for (const [topic, update] of updates) {
			if (ring.owner(topic) !== this.#self) continue;
			this.counters.detours++;
			// mutant: detours
			this.#owner(other.node).outbox.put(topic, update);
		}
		return this.counters.detours > before;
	}
}
