import type { Cut } from '../../outbox/batch.ts';
import { Outbox } from '../../outbox/outbox.ts';
import type { Update, Updates } from '../../state/update.ts';
import type { View } from '../membership/view.ts';
import { BatchQueue, type PeerBatch } from './batch-queue.ts';

/** The least time between two indirect deliveries for one frontend, in milliseconds. */
export const INDIRECT_DELIVERY_MS = 500;

/** The time after which updates for an unreachable frontend are dropped, in milliseconds. */
export const GIVE_UP_MS = 3_000;

/** The links to other regions. */
export interface Relay {
	/** Takes updates for all other regions, and sends their parts that come from this region. */
	put(updates: Updates): void;
}

/** The roles of this node that take updates. */
export interface LocalNode {
	/** Takes updates that this node owns. */
	publish(updates: Updates): void;
	/** Takes updates for the viewers of this node. */
	deliver(updates: Updates): void;
	/** Takes a new view of the cluster. */
	onView(view: View): void;
}

const NOT_STARTED: LocalNode = { publish: () => undefined, deliver: () => undefined, onView: () => undefined };

/** How often each path was taken. */
export class RouterCounters {
	/** Updates sent to another node that owns their topic. */
	forwarded = 0;
	/** Updates sent to every frontend. */
	floods = 0;
	/** Updates sent to every frontend because their owner did not answer in time, or the ring is empty. */
	unanswered = 0;
	/** Failed batches, which were sent again. */
	retries = 0;
	/** Updates for a frontend sent through another dispatcher, because they did not arrive. */
	indirect = 0;
	/** Updates dropped, since no batch reached their frontend for 3 s. */
	givenUp = 0;
	/** Batches that the receiver refused as too long. */
	tooLong = 0;
	/** Updates dropped, because the receiver refused also the shortest batch. */
	refused = 0;
}

/**
 * Sends updates to the owners of their topics and to frontends, and to the roles of this node without
 * the network. One batch is in flight for each node, and the rest merges. Updates for an owner that
 * does not answer in time go to every frontend as well. Deterministic.
 */
export class Router {
	readonly counters = new RouterCounters();
	readonly #self: string;
	readonly #windowMs: number;
	readonly #owners = new Map<string, BatchQueue>();
	readonly #frontends = new Map<string, BatchQueue>();
	/** Updates without an owner, while the ring is empty: they flood, and the next owner needs them. */
	readonly #unowned = new Outbox(0);
	readonly #relay: Relay;
	#local = NOT_STARTED;
	#view: View;

	/** `windowMs`: an owner gets at most one batch in it. Batches for frontends leave without a window. */
	constructor(self: string, windowMs: number, view: View, relay: Relay = { put: () => undefined }) {
		this.#self = self;
		this.#relay = relay;
		this.#windowMs = windowMs;
		this.#view = view;
	}

	/** Hands updates for this node to `local` from now on. */
	start(local: LocalNode): void {
		this.#local = local;
	}

	/** The view by which it routes. */
	get view(): View {
		return this.#view;
	}

	/** The number of updates that found no room. */
	get dropped(): number {
		let sum = 0;
		for (const { outbox } of this.#queues()) sum += outbox.dropped;
		return sum;
	}

	/** Whether no update waits, and no batch is in flight. */
	get isIdle(): boolean {
		for (const { outbox } of this.#queues()) if (!outbox.isEmpty) return false;
		return true;
	}

	/** Whether most frontends have a batch in flight: then updates should merge before the router. */
	get isCrowded(): boolean {
		let busy = 0;
		for (const { inFlight, failingSince } of this.#frontends.values()) {
			if (inFlight !== undefined && failingSince === undefined) busy++;
		}
		return busy > this.#frontends.size / 2;
	}

	/** Replaces the view. Updates for owners that left go to the new owners. */
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

	/** Sends updates to their owners. */
	publish(updates: Updates): void {
		this.#publishHere(this.#route(updates));
	}

	/** Sends an update to one frontend. */
	deliver(frontend: string, topic: string, update: Update): void {
		this.#frontend(frontend).outbox.put(topic, update);
	}

	/** Sends the same updates to many frontends, as one batch that does not change any more. */
	deliverAll(frontends: Iterable<string>, updates: Updates): void {
		for (const frontend of frontends) this.#frontend(frontend).outbox.putAll(updates);
	}

	/** Sends updates to the other regions; the node that delivers them in this region does it. */
	relay(updates: Updates): void {
		this.#relay.put(updates);
	}

	/** Sends updates to every frontend as one unchanging batch. Merging makes repetitions safe. */
	flood(updates: Updates): void {
		if (updates.size === 0) return;
		this.counters.floods += updates.size;
		// mutant: floods
		this.deliverAll(this.#view.frontends, updates);
	}

	/** Returns the batches for other nodes, and delivers that of this node. `cutOf`: see `BatchQueue`. */
	take(now: number, cutOf?: (halvings: number) => Cut): PeerBatch[] {
		for (const queue of this.#owners.values()) {
			const { inFlight, answerDueAt } = queue;
			if (inFlight !== undefined && answerDueAt !== undefined && answerDueAt <= now)
				this.#markUnresponsive(queue, inFlight);
		}
		const batches: PeerBatch[] = [];
		for (const queue of this.#queues()) {
			// A batch for this node is never encoded, so it is never cut.
			const batch = queue.take(now, queue.to === this.#self ? undefined : cutOf);
			if (batch !== undefined) batches.push(batch);
		}
		const here = batches.find(({ to }) => to === this.#self);
		if (here === undefined) return batches;
		this.#local.deliver(here.updates);
		this.arrived(here);
		return batches.filter((batch) => batch !== here);
	}

	arrived(batch: PeerBatch): void {
		this.#queueOf(batch)?.arrived(batch);
	}

	/** Notes that a batch did not arrive, or that its receiver did not answer in time. */
	failed(batch: PeerBatch, now: number): void {
		const queue = this.#queueOf(batch);
		if (queue === undefined) return;
		this.counters.retries++;
		if (batch.kind === 'publish') {
			// mutant: doubts-failing-owner
			if (!queue.unresponsive) this.#markUnresponsive(queue, batch);
			queue.failed(batch, now);
			return;
		}
		// Only an indirect delivery that happened delays the next one: the first tries fail before the missed ping.
		if (now - queue.indirectAt >= INDIRECT_DELIVERY_MS && this.#deliverIndirectly(batch.to, batch.updates))
			queue.indirectAt = now;
		queue.failed(batch, now);
		if (now - (queue.failingSince ?? now) < GIVE_UP_MS) return;
		const rest = queue.giveUp();
		this.counters.givenUp += rest.size;
		this.#deliverIndirectly(batch.to, rest);
	}

	/** Notes that the receiver refused a batch as too long: its updates leave in shorter batches. */
	tooLong(batch: PeerBatch, now: number): void {
		const queue = this.#queueOf(batch);
		if (queue === undefined) return;
		this.counters.tooLong++;
		if (!queue.tooLong(batch, now)) this.counters.refused += batch.updates.size;
	}

	/** When `take` is due next; undefined while no update waits. */
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

	/** Returns the queue of a batch in flight; undefined for any other batch. */
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

	/** Marks an owner as unresponsive: its unconfirmed updates go to every frontend, and so do later ones. */
	#markUnresponsive(queue: BatchQueue, { updates }: PeerBatch): void {
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
	 * Sends the updates that this node owns through another dispatcher, when the frontend misses pings:
	 * only the link of this node may be cut. The other one floods them, since it is no owner, and never
	 * delivers indirectly itself, so updates do not circulate. Returns whether it sent any.
	 */
	#deliverIndirectly(to: string, updates: Updates): boolean {
		const { ring, suspects } = this.#view;
		if (!suspects.has(to)) return false;
		const other = ring.members.find(
			({ node }) => node !== this.#self && node !== to && !this.#owners.get(node)?.unresponsive,
		);
		if (other === undefined) return false;
		const before = this.counters.indirect;
		for (const [topic, update] of updates) {
			if (ring.owner(topic) !== this.#self) continue;
			this.counters.indirect++;
			// mutant: indirect
			this.#owner(other.node).outbox.put(topic, update);
		}
		return this.counters.indirect > before;
	}
}
