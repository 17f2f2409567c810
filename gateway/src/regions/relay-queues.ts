import type { RegionStatus } from '../cluster/membership/member.ts';
import { MAX_HALVINGS } from '../cluster/rpc/batches.ts';
import { type Cut, NO_UPDATES } from '../outbox/batch.ts';
import { Outbox, RETRY_MS } from '../outbox/outbox.ts';
import { NO_LIKES } from '../state/counters.ts';
import type { Registers } from '../state/kinds/register.ts';
import type { Values } from '../state/registers.ts';
import type { Update, Updates } from '../state/update.ts';

/** News for another region. */
export interface RelayBatch {
	/** The region. */
	readonly to: string;
	readonly updates: Updates;
	/** The first that is to arrive after a start or a failure: the region is to ask what it has missed. */
	readonly greeting: boolean;
	/** How often relays were halved when this one was cut. */
	readonly halvings: number;
}

/** How often each path was taken. */
export interface RelayCounters {
	/** Updates that another region has confirmed. */
	relayed: number;
	/** Relays that did not arrive and were sent again. */
	relayRetries: number;
	/** Relays that another region refused as too long, … */
	relaysTooLong: number;
	/** … and updates dropped, because it refused the shortest, too. */
	relayRefused: number;
}

export interface RelayQueuesOptions {
	/** The region of this node. */
	readonly region: string;
	/** The others. */
	readonly others: readonly string[];
	/** A region gets at most one relay in it, in milliseconds. */
	readonly windowMs: number;
	/** Whether the others are to hear of this node when it has nothing to say, and ask what they have missed. */
	readonly greets: boolean;
}

/** Relays that may be under way to a region at a time: with one, news would wait for the way there and back. */
export const MAX_UNDER_WAY = 8;

interface RelayQueue {
	readonly outbox: Outbox;
	readonly underWay: Set<RelayBatch>;
	answers: boolean | undefined;
	greeted: boolean;
	retryAt: number;
	/** How often its relays were halved, because the region refuses longer ones. */
	halvings: number;
}

/**
 * The ways to other regions: what is news there waits as one merged state per topic, so that a link that is slow, or cut
 * for hours, gets newer news and never more of them. Relays may overtake each other, since merging knows no order. Only
 * rows of this region's own store leave, which is why nothing goes round in circles: what came from another region has
 * nothing that would be sent on. Deterministic.
 */
export class RelayQueues {
	readonly counters: RelayCounters = { relayed: 0, relayRetries: 0, relaysTooLong: 0, relayRefused: 0 };
	readonly #region: string;
	readonly #lanes: ReadonlyMap<string, RelayQueue>;

	constructor({ region, others, windowMs, greets }: RelayQueuesOptions) {
		this.#region = region;
		const makeLane = (): RelayQueue => ({
			outbox: new Outbox(windowMs),
			underWay: new Set(),
			answers: undefined,
			greeted: !greets,
			retryAt: Number.NEGATIVE_INFINITY,
			halvings: 0,
		});
		this.#lanes = new Map(others.map((other) => [other, makeLane()]));
	}

	/** Updates that found no room so far. */
	get dropped(): number {
		let sum = 0;
		for (const { outbox } of this.#lanes.values()) sum += outbox.dropped;
		return sum;
	}

	/** Nothing is on its way to a region that can be reached. */
	get isIdle(): boolean {
		for (const { outbox, underWay, answers } of this.#lanes.values()) {
			if ((!outbox.isEmpty || underWay.size > 0) && answers !== false) return false;
		}
		return true;
	}

	/** How this node stands with each of them. */
	get standings(): RegionStatus[] {
		return [...this.#lanes].map(([region, { outbox, answers }]) => ({ region, answers, waiting: outbox.size }));
	}

	/** Takes updates for all other regions, as far as they are this region's own. Returns whether `take` has more to do. */
	put(updates: Updates): boolean {
		if (this.#lanes.size === 0) return false;
		const own = new Map<string, Update>();
		for (const [topic, update] of updates) {
			const news = ownPart(this.#region, update);
			if (news !== undefined) own.set(topic, news);
		}
		if (own.size === 0) return false;
		for (const { outbox } of this.#lanes.values()) outbox.putAll(own);
		return true;
	}

	/** The relays that may leave now, cut as `cutOf` says; each must be `arrived`, `failed` or `tooLong`. */
	take(now: number, cutOf?: (halvings: number) => Cut): RelayBatch[] {
		const relays: RelayBatch[] = [];
		for (const [to, lane] of this.#lanes) {
			if (dueAtOf(lane) > now) continue;
			const updates = lane.outbox.take(now, cutOf?.(lane.halvings)) ?? NO_UPDATES;
			// What does not arrive is put back, as other news are.
			lane.outbox.arrived(updates);
			const { halvings } = lane;
			const relay = { to, updates, greeting: !lane.greeted && lane.underWay.size === 0, halvings };
			lane.underWay.add(relay);
			relays.push(relay);
		}
		return relays;
	}

	/** A relay is there. */
	arrived(relay: RelayBatch): void {
		const lane = this.#lanes.get(relay.to);
		if (!lane?.underWay.delete(relay)) return;
		lane.answers = true;
		lane.retryAt = Number.NEGATIVE_INFINITY;
		lane.greeted ||= relay.greeting;
		this.counters.relayed += relay.updates.size;
	}

	/** A relay did not arrive, or the other region did not say so in time. */
	failed(relay: RelayBatch, now: number): void {
		const lane = this.#lanes.get(relay.to);
		if (!lane?.underWay.delete(relay)) return;
		lane.answers = false;
		lane.greeted = false;
		// mutant: retries-relay
		lane.retryAt = now + RETRY_MS;
		this.counters.relayRetries++;
		lane.outbox.putAll(relay.updates);
	}

	/** The region refused a relay as too long: what is in it leaves in shorter ones. */
	tooLong(relay: RelayBatch, now: number): void {
		const lane = this.#lanes.get(relay.to);
		if (!lane?.underWay.delete(relay)) return;
		lane.answers = true;
		this.counters.relaysTooLong++;
		if (relay.halvings < MAX_HALVINGS) {
			// Others that were cut as this one was may be refused, too: together they halve what follows once.
			// mutant: halves-what-is-too-long
			lane.halvings = Math.max(lane.halvings, relay.halvings + 1);
			lane.retryAt = now + RETRY_MS;
			lane.outbox.putAll(relay.updates);
			return;
		}
		// Never the same again: the region is greeted, and asks for what is stored of it.
		lane.greeted = false;
		this.counters.relayRefused += relay.updates.size;
	}

	/** When `take` has something to do next; undefined when nothing waits. */
	get dueAt(): number | undefined {
		let due = Number.POSITIVE_INFINITY;
		for (const lane of this.#lanes.values()) due = Math.min(due, dueAtOf(lane));
		return due === Number.POSITIVE_INFINITY ? undefined : due;
	}
}

function dueAtOf({ outbox, underWay, greeted, retryAt }: RelayQueue): number {
	// A region that does not answer is tried with one relay, not with many.
	if (underWay.size >= (greeted ? MAX_UNDER_WAY : 1)) return Number.POSITIVE_INFINITY;
	const due = outbox.dueAt ?? (greeted ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
	return Math.max(due, retryAt);
}

/** What of an update is news of this region; undefined when nothing is. */
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
		// Likes of other regions may be in the sample otherwise, and were shown there already.
		sample: rows === update.rows ? update.sample : [],
		at: update.at,
		...(log && { log }),
		...(values && { values }),
	};
}

/** The entry of one region; undefined when there is none. */
function onlyOwn<Entry>(
	region: string,
	entries: Readonly<Record<string, Entry>> | undefined,
): Readonly<Record<string, Entry>> | undefined {
	const own = entries?.[region];
	if (entries === undefined || own === undefined) return undefined;
	return Object.keys(entries).length === 1 ? entries : { [region]: own };
}

/** The registers that come from one region; undefined when there are none. */
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
