import type { RegionStatus } from '../cluster/membership/member.ts';
import { MAX_HALVINGS } from '../cluster/rpc/batches.ts';
import { type Cut, NO_UPDATES } from '../outbox/batch.ts';
import { Outbox, RETRY_MS } from '../outbox/outbox.ts';
import { NO_LIKES } from '../state/counters.ts';
import type { Registers } from '../state/kinds/register.ts';
import type { Values } from '../state/registers.ts';
import type { Update, Updates } from '../state/update.ts';

/** Updates for another region that travel in one request. */
export interface RelayBatch {
	/** The region that gets them. */
	readonly to: string;
	readonly updates: Updates;
	/** Whether it is the first relay after a start or a failure: the region then syncs, for what it missed. */
	readonly greeting: boolean;
	/** The number of halvings of relays when this one was cut. */
	readonly halvings: number;
}

/** The number of times that each path was taken. */
export interface RelayCounters {
	/** Updates that another region confirmed. */
	relayed: number;
	/** Relays without a confirmation, whose updates were sent again. */
	relayRetries: number;
	/** Relays that another region refused as too long. */
	relaysTooLong: number;
	/** Updates that were dropped, because the region refused the shortest relay, too. */
	relayRefused: number;
}

export interface RelayQueuesOptions {
	/** The region of this node. */
	readonly region: string;
	/** The other regions. */
	readonly others: readonly string[];
	/** The shortest time between two relays to a region, in milliseconds. */
	readonly windowMs: number;
	/** Whether this node sends each region a greeting at its start, so that the region syncs. */
	readonly greets: boolean;
}

/**
 * The most relays under way to a region.
 *
 * With only one, an update would wait for the round trip of the one before.
 */
export const MAX_UNDER_WAY = 8;

interface RelayQueue {
	readonly outbox: Outbox;
	readonly underWay: Set<RelayBatch>;
	answers: boolean | undefined;
	greeted: boolean;
	retryAt: number;
	/** The number of halvings of its relays, because the region refuses longer ones. */
	halvings: number;
}

/**
 * The relay queues of a node, one for each other region. Deterministic.
 *
 * Updates wait as one merged state per topic, so a link that is slow, or cut for hours, carries newer updates and not more
 * of them. Relays may overtake each other, because merging ignores order. Only state of this region's own store leaves,
 * so no update travels in a circle.
 */
export class RelayQueues {
	readonly counters: RelayCounters = { relayed: 0, relayRetries: 0, relaysTooLong: 0, relayRefused: 0 };
	readonly #region: string;
	readonly #queues: ReadonlyMap<string, RelayQueue>;

	constructor({ region, others, windowMs, greets }: RelayQueuesOptions) {
		this.#region = region;
		const makeQueue = (): RelayQueue => ({
			outbox: new Outbox(windowMs),
			underWay: new Set(),
			answers: undefined,
			greeted: !greets,
			retryAt: Number.NEGATIVE_INFINITY,
			halvings: 0,
		});
		this.#queues = new Map(others.map((other) => [other, makeQueue()]));
	}

	/** The number of updates that were dropped because the queues were full. */
	get dropped(): number {
		let sum = 0;
		for (const { outbox } of this.#queues.values()) sum += outbox.dropped;
		return sum;
	}

	/** Whether no update waits for, or is under way to, a region that answers. */
	get isIdle(): boolean {
		for (const { outbox, underWay, answers } of this.#queues.values()) {
			if ((!outbox.isEmpty || underWay.size > 0) && answers !== false) return false;
		}
		return true;
	}

	/** The status of each other region. */
	get statuses(): RegionStatus[] {
		return [...this.#queues].map(([region, { outbox, answers }]) => ({ region, answers, waiting: outbox.size }));
	}

	/** Adds this region's own part of updates for all other regions. Returns whether `take` has more to do. */
	put(updates: Updates): boolean {
		if (this.#queues.size === 0) return false;
		const own = new Map<string, Update>();
		for (const [topic, update] of updates) {
			const part = ownPart(this.#region, update);
			if (part !== undefined) own.set(topic, part);
		}
		if (own.size === 0) return false;
		for (const { outbox } of this.#queues.values()) outbox.putAll(own);
		return true;
	}

	/**
	 * Returns the relays that may leave now, cut by `cutOf`.
	 *
	 * The caller ends each with `arrived`, `failed` or `tooLong`.
	 */
	take(now: number, cutOf?: (halvings: number) => Cut): RelayBatch[] {
		const relays: RelayBatch[] = [];
		for (const [to, queue] of this.#queues) {
			if (dueAtOf(queue) > now) continue;
			const updates = queue.outbox.take(now, cutOf?.(queue.halvings)) ?? NO_UPDATES;
			// `failed` puts updates that do not arrive back, merged with later ones.
			queue.outbox.arrived(updates);
			const { halvings } = queue;
			const relay = { to, updates, greeting: !queue.greeted && queue.underWay.size === 0, halvings };
			queue.underWay.add(relay);
			relays.push(relay);
		}
		return relays;
	}

	/** Notes that a region confirmed a relay. */
	arrived(relay: RelayBatch): void {
		const queue = this.#queues.get(relay.to);
		if (!queue?.underWay.delete(relay)) return;
		queue.answers = true;
		queue.retryAt = Number.NEGATIVE_INFINITY;
		queue.greeted ||= relay.greeting;
		this.counters.relayed += relay.updates.size;
	}

	/** Puts the updates of a relay back that the region did not confirm in time. */
	failed(relay: RelayBatch, now: number): void {
		const queue = this.#queues.get(relay.to);
		if (!queue?.underWay.delete(relay)) return;
		queue.answers = false;
		queue.greeted = false;
		// mutant: retries-relay
		queue.retryAt = now + RETRY_MS;
		this.counters.relayRetries++;
		queue.outbox.putAll(relay.updates);
	}

	/** Puts the updates of a relay back that the region refused as too long, for shorter relays. */
	tooLong(relay: RelayBatch, now: number): void {
		const queue = this.#queues.get(relay.to);
		if (!queue?.underWay.delete(relay)) return;
		queue.answers = true;
		this.counters.relaysTooLong++;
		if (relay.halvings < MAX_HALVINGS) {
			// The region may refuse relays of the same cut, too: all of them halve later relays once.
			// mutant: halves-what-is-too-long
			queue.halvings = Math.max(queue.halvings, relay.halvings + 1);
			queue.retryAt = now + RETRY_MS;
			queue.outbox.putAll(relay.updates);
			return;
		}
		// The region would refuse the same relay again. After a greeting it reads the state from the store.
		queue.greeted = false;
		this.counters.relayRefused += relay.updates.size;
	}

	/** The time at which `take` has a relay next; undefined while no update waits. */
	get dueAt(): number | undefined {
		let due = Number.POSITIVE_INFINITY;
		for (const queue of this.#queues.values()) due = Math.min(due, dueAtOf(queue));
		return due === Number.POSITIVE_INFINITY ? undefined : due;
	}
}

function dueAtOf({ outbox, underWay, greeted, retryAt }: RelayQueue): number {
	// A region that does not answer gets one relay at a time.
	if (underWay.size >= (greeted ? MAX_UNDER_WAY : 1)) return Number.POSITIVE_INFINITY;
	const due = outbox.dueAt ?? (greeted ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
	return Math.max(due, retryAt);
}

/** Returns the part of an update that this region wrote; undefined if it wrote none of it. */
function ownPart(region: string, update: Update): Update | undefined {
	const rows = onlyOwn(region, update.rows);
	// mutant: relays-events
	const log = onlyOwn(region, update.log);
	// mutant: relays-values
	const values = ownValues(region, update.values);
	if (rows === undefined && log === undefined && values === undefined) return undefined;
	const isOwn = (rows ?? NO_LIKES) === update.rows && log === update.log && values === update.values;
	if (/* mutant: relays-own-only */ isOwn && !update.complete) return update;
	return {
		rows: rows ?? NO_LIKES,
		complete: false,
		// The sample may contain likes of other regions, whose viewers have seen them already.
		sample: rows === update.rows ? update.sample : [],
		at: update.at,
		...(log && { log }),
		...(values && { values }),
	};
}

/** Returns the entries without those of other regions; undefined if none is left. */
function onlyOwn<Entry>(
	region: string,
	entries: Readonly<Record<string, Entry>> | undefined,
): Readonly<Record<string, Entry>> | undefined {
	const own = entries?.[region];
	if (entries === undefined || own === undefined) return undefined;
	return Object.keys(entries).length === 1 ? entries : { [region]: own };
}

/** Returns the registers with this region as their origin; undefined if none has it. */
function ownValues(region: string, values: Values | undefined): Values | undefined {
	if (values === undefined) return undefined;
	const own: Record<string, Registers> = {};
	let isWhole = true;
	for (const [kind, registers] of Object.entries(values)) {
		const all = Object.entries(registers);
		const some = all.filter(([, { from }]) => from === region);
		if (some.length < all.length) isWhole = false;
		if (some.length > 0) own[kind] = some.length === all.length ? registers : Object.fromEntries(some);
	}
	if (isWhole) return values;
	return Object.keys(own).length === 0 ? undefined : own;
}
