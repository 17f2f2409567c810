import type { Cut } from '../delivery/batch.ts';
import { Outbox } from '../delivery/outbox.ts';
import type { Update, Updates } from '../delivery/update.ts';
import { MAX_HALVINGS } from './batches.ts';
import type { View } from './view.ts';

/** An owner that has not answered for so long is in doubt, in milliseconds: its news go to every frontend as well. */
export const DOUBT_MS = 50;

/** What a frontend cannot be told takes a detour so often at the most, in milliseconds. */
export const DETOUR_MS = 500;

/** A frontend that nothing reaches for so long, in milliseconds, gets nothing that waited; its digest brings it when it is back. */
export const GIVE_UP_MS = 3_000;

/** A batch for a node: news that it is to `publish` as their owner, or to `deliver` to its viewers. */
export interface Parcel {
	readonly to: string;
	readonly kind: 'publish' | 'deliver';
	readonly updates: Updates;
}

/** The ways to other regions. */
export interface Relay {
	/** Takes updates for all other regions, of which it sends what is of this region. */
	put(updates: Updates): void;
}

const NO_OTHER_REGIONS: Relay = { put: () => undefined };

/** How often each path was taken. */
export interface RouterCounters {
	/** Updates sent to another node that owns their topic. */
	forwarded: number;
	/** Updates sent to every frontend … */
	floods: number;
	/** … of these, because their owner did not answer in time, or there is none. */
	unanswered: number;
	/** Batches that did not arrive and were sent again. */
	retries: number;
	/** Updates that a frontend could not be told, handed to another dispatcher. */
	detours: number;
	/** Updates given up, since nothing reached their frontend for too long. */
	givenUp: number;
	/** Batches that their receiver refused as too long, … */
	tooLong: number;
	/** … and updates dropped, because it refused the shortest, too. */
	refused: number;
}

interface Lane {
	readonly kind: Parcel['kind'];
	readonly outbox: Outbox;
	/** The batch under way, and since when. */
	parcel: Parcel | undefined;
	sentAt: number;
	/** Since when nothing arrives; undefined while all does. */
	failingSince: number | undefined;
	/** When its news last took a detour. */
	detouredAt: number;
	/** Only for owners: no answer in time, so news flood until there is one. */
	doubted: boolean;
	/** How often its batches were halved, because the node refuses longer ones. */
	halvings: number;
}

/**
 * Brings news to the owner of their topic, and from there to frontends: one batch under way for each node, the rest
 * merges. An owner that does not answer in time is passed by: its news are sent to every frontend, besides. Deterministic.
 */
export class Router {
	readonly counters: RouterCounters = {
		forwarded: 0,
		floods: 0,
		unanswered: 0,
		retries: 0,
		detours: 0,
		givenUp: 0,
		tooLong: 0,
		refused: 0,
	};
	readonly #self: string;
	readonly #windowMs: number;
	readonly #owners = new Map<string, Lane>();
	readonly #frontends = new Map<string, Lane>();
	/** News while there is no dispatcher; every frontend had them, and the next owner is to know them, too. */
	readonly #unowned = new Outbox(0);
	readonly #relay: Relay;
	#view: View;

	/** `windowMs`: an owner gets at most one batch in it. Batches for frontends leave as soon as the last one arrived. */
	constructor(self: string, windowMs: number, view: View, relay = NO_OTHER_REGIONS) {
		this.#self = self;
		this.#relay = relay;
		this.#windowMs = windowMs;
		this.#view = view;
	}

	/** How many updates found no room so far. */
	get dropped(): number {
		let sum = 0;
		for (const { outbox } of this.#lanes()) sum += outbox.dropped;
		return sum;
	}

	/** Nothing waits for any node, and nothing is under way. */
	get isIdle(): boolean {
		for (const { outbox } of this.#lanes()) if (!outbox.isEmpty) return false;
		return true;
	}

	/** Most frontends have not confirmed their last batch, though they may: news had better merge before they part. */
	get isCrowded(): boolean {
		let busy = 0;
		for (const { parcel, failingSince } of this.#frontends.values()) {
			if (parcel !== undefined && failingSince === undefined) busy++;
		}
		return busy > this.#frontends.size / 2;
	}

	/** The cluster changed. Gives back news whose owner this node has become. */
	setView(view: View): Updates {
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
		for (const updates of stranded) for (const [topic, update] of this.publish(updates)) own.put(topic, update);
		return own.clear();
	}

	/** News for their owners. Gives back those that this node owns itself. */
	publish(updates: Updates): Updates {
		const own = new Map<string, Update>();
		const unanswered = new Map<string, Update>();
		for (const [topic, update] of updates) {
			const owner = this.#view.ring.owner(topic);
			if (owner === this.#self) own.set(topic, update);
			else if (owner === undefined) {
				this.#unowned.put(topic, update);
				unanswered.set(topic, update);
			} else {
				const lane = this.#owner(owner);
				lane.outbox.put(topic, update);
				this.counters.forwarded++;
				// mutant: floods-while-in-doubt
				if (lane.doubted) unanswered.set(topic, update);
			}
		}
		this.#floodUnanswered(unanswered);
		return own;
	}

	/** News for one frontend. */
	deliver(frontend: string, topic: string, update: Update): void {
		this.#frontend(frontend).outbox.put(topic, update);
	}

	/** The same news for many frontends, in a batch that nobody changes any more. */
	deliverAll(frontends: Iterable<string>, updates: Updates): void {
		for (const frontend of frontends) this.#frontend(frontend).outbox.putAll(updates);
	}

	/** News for the other regions: whoever brings them to the frontends of this one sends them there, too. */
	relay(updates: Updates): void {
		this.#relay.put(updates);
	}

	/** News for every frontend, in doubt of who wants them, in a batch that nobody changes any more. Merging makes it safe. */
	flood(updates: Updates): void {
		if (updates.size === 0) return;
		this.counters.floods += updates.size;
		// mutant: floods
		this.deliverAll(this.#view.frontends, updates);
	}

	/** The batches that may leave now. `cutOf` says how a batch for a node is cut that was halved so often. */
	take(now: number, cutOf?: (to: string, halvings: number) => Cut): Parcel[] {
		for (const lane of this.#owners.values()) {
			if (lane.parcel === undefined || lane.doubted || now < lane.sentAt + DOUBT_MS) continue;
			this.#doubt(lane, lane.parcel);
		}
		const parcels: Parcel[] = [];
		for (const lanes of [this.#owners, this.#frontends]) {
			for (const [to, lane] of lanes) {
				const updates = lane.outbox.take(now, cutOf?.(to, lane.halvings));
				if (updates === undefined) continue;
				lane.parcel = { to, kind: lane.kind, updates };
				lane.sentAt = now;
				parcels.push(lane.parcel);
			}
		}
		return parcels;
	}

	/** A batch is there. */
	arrived(parcel: Parcel): void {
		const lane = this.#laneOf(parcel);
		if (lane === undefined) return;
		lane.parcel = undefined;
		lane.failingSince = undefined;
		lane.doubted = false;
		lane.outbox.arrived(parcel.updates);
	}

	/** A batch did not arrive, or its node did not say so in time. */
	failed(parcel: Parcel, now: number): void {
		const lane = this.#laneOf(parcel);
		if (lane === undefined) return;
		this.counters.retries++;
		lane.parcel = undefined;
		lane.failingSince ??= now;
		if (lane.kind === 'publish') {
			// mutant: doubts-failing-owner
			if (!lane.doubted) this.#doubt(lane, parcel);
		} else if (now - lane.detouredAt >= DETOUR_MS) {
			// Only an indirect path that was taken holds off the next one: the first tries fail before the ping that is missed.
			if (this.#detour(parcel.to, parcel.updates)) lane.detouredAt = now;
		}
		lane.outbox.failed(parcel.updates, now);
		if (lane.kind === 'publish' || now - lane.failingSince < GIVE_UP_MS) return;
		const rest = lane.outbox.clear();
		this.counters.givenUp += rest.size;
		this.#detour(parcel.to, rest);
		lane.failingSince = undefined;
	}

	/** The node refused a batch as too long: what is in it leaves in shorter ones. */
	tooLong(parcel: Parcel, now: number): void {
		const lane = this.#laneOf(parcel);
		if (lane === undefined) return;
		this.counters.tooLong++;
		lane.parcel = undefined;
		if (lane.halvings < MAX_HALVINGS) {
			lane.halvings++;
			lane.outbox.failed(parcel.updates, now);
			return;
		}
		// Never the same again: a digest, or the next read of the store, brings it.
		this.counters.refused += parcel.updates.size;
		lane.outbox.arrived(parcel.updates);
	}

	/** When `take` has something to do next; undefined when nothing waits. */
	get dueAt(): number | undefined {
		let due = Number.POSITIVE_INFINITY;
		for (const { outbox, parcel, doubted, kind, sentAt } of this.#lanes()) {
			due = Math.min(due, outbox.dueAt ?? due);
			if (kind === 'publish' && parcel !== undefined && !doubted) due = Math.min(due, sentAt + DOUBT_MS);
		}
		return due === Number.POSITIVE_INFINITY ? undefined : due;
	}

	*#lanes(): Iterable<Lane> {
		yield* this.#owners.values();
		yield* this.#frontends.values();
	}

	#frontend(node: string): Lane {
		let lane = this.#frontends.get(node);
		if (lane === undefined) {
			lane = newLane('deliver', 0);
			this.#frontends.set(node, lane);
		}
		return lane;
	}

	#owner(node: string): Lane {
		let lane = this.#owners.get(node);
		if (lane === undefined) {
			lane = newLane('publish', this.#windowMs);
			this.#owners.set(node, lane);
		}
		return lane;
	}

	/** Where a batch belongs, as long as it is the one under way there. */
	#laneOf(parcel: Parcel): Lane | undefined {
		const lane = (parcel.kind === 'publish' ? this.#owners : this.#frontends).get(parcel.to);
		return lane?.parcel === parcel ? lane : undefined;
	}

	/** The owner may be gone: what it has not confirmed goes to every frontend, and so does what follows. */
	#doubt(lane: Lane, { updates }: Parcel): void {
		lane.doubted = true;
		this.#floodUnanswered(updates);
		this.#floodUnanswered(new Map(lane.outbox.waiting()));
	}

	#floodUnanswered(updates: Updates): void {
		this.counters.unanswered += updates.size;
		this.flood(updates);
		this.relay(updates);
	}

	/**
	 * The way to a frontend that also misses pings may be cut for this node alone: another dispatcher gets what this one
	 * owns, and, not being the owner, tells every frontend. It takes no detour itself, so nothing goes round in circles.
	 */
	#detour(to: string, updates: Updates): boolean {
		const { ring, suspects } = this.#view;
		if (!suspects.has(to)) return false;
		const other = ring.members.find(
			({ node }) => node !== this.#self && node !== to && !this.#owners.get(node)?.doubted,
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

function newLane(kind: Parcel['kind'], windowMs: number): Lane {
	const outbox = new Outbox(windowMs);
	return {
		kind,
		outbox,
		parcel: undefined,
		sentAt: 0,
		failingSince: undefined,
		detouredAt: Number.NEGATIVE_INFINITY,
		doubted: false,
		halvings: 0,
	};
}
